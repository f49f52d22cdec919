"""Incidents: a group of their own, and nothing of it where there are none."""

from typing import Any

import pytest

from questionnaires.answerfacts import AnswerFacts
from questionnaires.answers import EMPTY, AnswerValidator, merge
from questionnaires.completeness import cover
from questionnaires.disclosure import LeavesError, document_of, leaves_of
from questionnaires.documents import Document, joined_answers
from questionnaires.schema import MOST_ANSWERS, MOST_ROWS
from questionnaires.sharing import all_but
from questionnaires.visibility import asked, without_hidden
from tests.questionnaires.small import answered, question, questionnaire, section

YES = {"is": ["yes"]}
ASKED = questionnaire(
    section("A", question("AAA-01"), question("PRD-01", per="product"), question("BUY-01", per="deployment")),
    section(
        "I",
        question("INC-01", per="incident"),
        question("INC-02", per="incident", asked_when={"answer": "BUY-01.said", **YES}),
        question("INC-03", per="incident", asked_when={"answer": "PRD-01.said", **YES}, required=False),
        question("AAA-02", asked_when={"rows": "incident", "at_least": 1, "where": {"answer": "INC-01.said", **YES}}),
    ),
)
VALIDATOR = AnswerValidator(ASKED)


def document(**incidents: Any) -> dict[str, Any]:
    """Return a document with the given incidents: a deployment (or null) and answers."""
    rows = {row: {"name": row, "deployment": of, "answers": answers} for row, (of, answers) in incidents.items()}
    return {
        "company": {"AAA-01": answered(said="yes")},
        "product": {"p1": {"name": "P", "answers": {"PRD-01": answered(said="no")}}},
        "deployment": {"d1": {"name": "D", "product": "p1", "answers": {"BUY-01": answered(said="yes")}}},
        **({"incident": rows} if rows else {}),
    }


def problems(tried: Document) -> list[tuple[str, str]]:
    return sorted((problem.pointer, problem.code) for problem in VALIDATOR.check_document(tried))


def test_an_incident_sees_the_answers_of_its_deployment_product_and_company() -> None:
    tried = document(i1=("d1", {"INC-01": answered(said="yes")}), i2=(None, {}))
    assert list(joined_answers(tried, "incident", "i1")) == ["AAA-01", "PRD-01", "BUY-01", "INC-01"]
    assert list(joined_answers(tried, "incident", "i2")) == ["AAA-01"]
    visible = asked(ASKED, tried)
    assert visible["incident"] == {"i1": ("INC-01", "INC-02"), "i2": ("INC-01", "INC-02", "INC-03")}
    assert visible["company"] == {"": ("AAA-01", "AAA-02")}
    assert "AAA-02" not in asked(ASKED, document(i1=("d1", {"INC-01": answered(said="no")})))["company"][""]
    assert "AAA-02" not in asked(ASKED, document())["company"][""]


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        ({"name": "I", "deployment": "d1", "answers": {"INC-02": answered(said="no")}}, []),
        ({"name": "I", "deployment": None, "answers": {}}, []),
        ({"name": "I", "answers": {}}, [("/incident/i1/deployment", "required")]),
        ({"name": "I", "deployment": "d9", "answers": {}}, [("/incident/i1/deployment", "unknown_row")]),
        ({"deployment": "d1", "answers": {}}, [("/incident/i1/name", "required")]),
        (
            {"name": "I", "deployment": "d1", "product": "p1", "answers": {}},
            [("/incident/i1/product", "unknown_field")],
        ),
        (
            {"name": "I", "deployment": "d1", "answers": {"INC-03": answered(said="no")}},
            [("/incident/i1/answers/INC-03", "hidden_question")],
        ),
        (
            {"name": "I", "deployment": "d1", "answers": {"BUY-01": answered(said="no")}},
            [("/incident/i1/answers/BUY-01", "wrong_row")],
        ),
    ],
    ids=str,
)
def test_a_row_of_an_incident_is_checked(incident: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    tried = {**document(), "incident": {"i1": incident}}
    assert problems(tried) == expected
    assert (
        sorted((p.pointer, p.code) for p in VALIDATOR.check_save(document(), {"incident": {"i1": incident}}))
        == expected
    )


def test_a_deployment_with_incidents_cannot_go_alone() -> None:
    stored = document(i1=("d1", {}))
    gone = VALIDATOR.check_save(stored, {"deployment": {"d1": None}})
    assert [(problem.pointer, problem.code) for problem in gone] == [("/incident/i1/deployment", "unknown_row")]
    assert VALIDATOR.check_save(stored, {"deployment": {"d1": None}, "incident": {"i1": {"deployment": None}}}) == []


def test_without_incidents_a_document_looks_as_before() -> None:
    stored = merge(EMPTY, document(i1=("d1", {"INC-01": answered(said="no")})))
    assert stored["incident"]["i1"]["deployment"] == "d1"
    bare = merge(stored, {"incident": {"i1": None}})
    for form in (bare, without_hidden(ASKED, bare), all_but(bare, ()), document_of(leaves_of(bare, {}))[0]):
        assert form == document()
        assert list(form) == ["company", "product", "deployment"]


def test_a_questionnaire_without_incidents_takes_none() -> None:
    bare = AnswerValidator(questionnaire(section("A", question("AAA-01"))))
    tried = {**EMPTY, "incident": {"i1": {"name": "I", "deployment": None, "answers": {}}}}
    assert [(p.pointer, p.code) for p in bare.check_document(tried)] == [("/incident", "unknown_field")]
    assert "incident" not in bare.schema["properties"]


def test_leaves_give_the_document_back_and_refuse_what_is_no_incident() -> None:
    tried = document(i1=("d1", {"INC-01": answered(said="no")}), i2=(None, {}))
    leaves = leaves_of(tried, {})
    assert document_of(leaves)[0] == tried
    row = {"kind": "row", "group": "incident", "row": "i1", "name": "I", "product": None, "deployment": "d1"}
    assert next(leaf for leaf in leaves if leaf["group"] == "incident" and leaf["kind"] == "row") == {
        **row,
        "name": "i1",
    }
    assert all("deployment" not in leaf for leaf in leaves if leaf["group"] != "incident")
    without = {key: value for key, value in row.items() if key != "deployment"}
    for wrong in (without, {**row, "product": "p1"}, {**row, "group": "product"}):
        with pytest.raises(LeavesError):
            document_of([wrong])


def test_coverage_counts_incidents_that_happened_and_leaves_out_what_may_be_left_open() -> None:
    def tally(tried: Document) -> tuple[int, int]:
        return cover(ASKED, tried, asked(ASKED, tried), {}).sections["I"][:2]

    assert tally(document()) == (0, 0)
    assert tally(document(i1=(None, {"INC-01": answered(said="no")}))) == (2, 1)  # INC-03 is asked, and may be left
    assert tally(document(i1=("d1", {"INC-01": answered(said="yes")}), i2=("d1", {}))) == (5, 1)


def test_a_document_has_a_largest_size() -> None:
    many = [question(f"BU{chr(65 + n // 50)}-{n % 50:02}", per="deployment") for n in range(60)]
    wide = AnswerValidator(questionnaire(section("A", question("AAA-01")), section("B", *many)))
    answers = {asked["id"]: {"state": "not_known"} for asked in many}
    rows = {f"d{n}": {"name": "D", "product": "p1", "answers": answers} for n in range(MOST_ROWS["deployment"])}
    tried = {"company": {}, "product": {"p1": {"name": "P", "answers": {}}}, "deployment": rows}
    assert len(rows) * 61 > MOST_ANSWERS
    assert [(p.pointer, p.code) for p in wide.check_document(tried)] == [("", "too_many")]
    fewer = {**tried, "deployment": dict(list(rows.items())[:250])}
    assert wide.check_document(fewer) == []


@pytest.mark.parametrize(
    ("answer", "states", "stated"),
    [
        (None, 6, None),
        ({"state": "not_answered"}, 6, None),
        ({"state": "not_known"}, 1, False),
        ({"state": "declined_legal", "legal_basis": "x"}, 1, False),
        (answered(said="no"), 1, True),
        ({"state": "disputed", "value": {"said": "no"}, "reply": "x"}, 1, True),
        (answered(other=1), 1, None),
    ],
    ids=str,
)
def test_a_state_that_was_chosen_is_a_fact_and_silence_is_none(
    answer: dict[str, Any] | None, states: int, stated: bool | None
) -> None:
    facts = AnswerFacts(ASKED, {"AAA-01": answer} if answer else {})
    assert len(facts.states("AAA-01")) == states
    assert facts.stated("AAA-01.said") is stated
