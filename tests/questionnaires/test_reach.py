"""What is called impossible is impossible: the static reasoning against every combination of answers."""

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from questionnaires.answerfacts import AnswerFacts
from questionnaires.conditions import Condition, evaluate
from questionnaires.definition import Questionnaire
from questionnaires.linting.domains import narrow, narrow_all

CHOICES = {"a": "A", "b": "B", "c": "C"}
FIELDS = {
    "one": {"kind": "one", "label": "One", "choices": CHOICES},
    "many": {"kind": "multi", "label": "Many", "choices": CHOICES},
    "count": {"kind": "integer", "label": "Count", "maximum": 3},
    "on": {"kind": "date", "label": "On"},
}
DAYS = ["2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01"]
VALUES: dict[str, list[Any]] = {
    "one": ["a", "b", "c"],
    "many": [[], ["a"], ["b"], ["c"], ["a", "b"], ["a", "c"], ["b", "c"], ["a", "b", "c"]],
    "count": [0, 1, 2, 3],
    "on": [*DAYS, "2026-01-15", "2030-06-01", "1999-01-01"],
}
QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "id": "reach", "revision": "1", "title": "Reach", "introduction": "Reach.",
        "sections": [{"code": "A", "title": "A", "questions": [
            {"id": "GOV-01", "per": "company", "text": "What?", "help": "Help.", "why": "Why.", "fields": FIELDS}
        ]}],
    }
)  # fmt: skip
ADAPTER: TypeAdapter[Condition] = TypeAdapter(Condition)
DOCUMENTS = [
    AnswerFacts(QUESTIONNAIRE, {"GOV-01": {"state": "answered", "value": dict(zip(VALUES, values, strict=True))}})
    for values in product(*VALUES.values())
]

codes = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True)
bound = st.integers(0, 4)
atoms = st.one_of(
    st.builds(lambda found: {"answer": "GOV-01.one", "is": found}, codes),
    st.builds(lambda found: {"answer": "GOV-01.many", "has": found}, codes),
    st.builds(lambda n: {"number": "GOV-01.count", "at_least": n}, bound),
    st.builds(lambda n: {"number": "GOV-01.count", "at_most": n}, bound),
    st.builds(lambda n: {"size": "GOV-01.many", "at_least": n}, bound),
    st.builds(lambda day: {"date": "GOV-01.on", "after": day}, st.sampled_from(DAYS)),
    st.builds(lambda day: {"date": "GOV-01.on", "before": day}, st.sampled_from(DAYS)),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@given(conditions)
def test_no_answers_satisfy_what_is_called_impossible(written: dict[str, Any]) -> None:
    condition = ADAPTER.validate_python(written)
    outcomes = {evaluate(condition, facts) for facts in DOCUMENTS}
    if narrow_all([condition], QUESTIONNAIRE, {}) is None:
        assert outcomes == {False}
    if narrow(condition, QUESTIONNAIRE, {}, wanted=False) is None:
        assert outcomes == {True}


@given(st.lists(atoms, min_size=1, max_size=4))
def test_of_plain_conjunctions_over_choices_and_numbers_every_impossible_one_is_found(parts: list[Any]) -> None:
    parts = [part for part in parts if "date" not in part and "size" not in part and len(part.get("has", "a")) == 1]
    if parts:
        condition = ADAPTER.validate_python({"all": parts})
        possible = any(evaluate(condition, facts) for facts in DOCUMENTS)
        assert (narrow_all([condition], QUESTIONNAIRE, {}) is not None) is possible
