"""What the published schema says about questions that are not asked, held against the server on drawn documents."""

import json
import random
import time
from typing import Any

import jsonschema_rs
import pytest

from questionnaires.answers import AnswerValidator
from questionnaires.definition import Questionnaire
from questionnaires.documents import STATES
from questionnaires.hiding import Hiding
from questionnaires.visibility import Asking, asked, without_hidden
from tests.questionnaires.generating import draw, fits
from tests.questionnaires.small import KINDS, TABLE, answered, one, question, questionnaire, section

YES = {"is": ["yes"]}
BOTH = {"say": one({"yes": "Yes", "no": "No"}), **{k: KINDS[k] for k in ("multi", "whole", "day")}, "t": TABLE}
DOCUMENTS = 1000


def gated(number: int, condition: dict[str, Any], per: str = "company") -> dict[str, Any]:
    return question(f"GAT-{number:02}", per=per, asked_when=condition)


SAID = section(
    "B",
    gated(1, {"answer": "AAA-01.say", **YES}),
    gated(2, {"answer": "AAA-01.multi", "has": ["red", "blue"]}),
    gated(3, {"number": "AAA-01.whole", "at_least": 100}),
    gated(4, {"size": "AAA-01.multi", "at_most": 1}),
    gated(5, {"size": "AAA-01.t", "at_least": 2}),
    gated(6, {"answered": "AAA-01.whole"}),
    gated(7, {"state": "AAA-01", "is": ["declined_legal", "not_known"]}),
    gated(8, {"column": "AAA-01.t.one", "is": ["red"]}),
    gated(9, {"not": {"column": "AAA-01.t.multi", "is": ["red"]}}),
    gated(10, {"all": [{"answer": "AAA-01.say", **YES}, {"not": {"answer": "AAA-02.said", **YES}}]}),
    gated(11, {"any": [{"answer": "GAT-01.said", **YES}, {"not": {"answer": "GAT-02.said", **YES}}]}),
    gated(12, {"answer": "GAT-11.said", **YES}),
    gated(13, {"number": "AAA-01.whole", "at_least": 0}),
    gated(14, {"not": {"number": "AAA-01.whole", "at_least": 0}}),
    gated(15, {"answer": "AAA-01.say", **YES}, "product"),
    gated(16, {"answer": "PRD-01.say", **YES}, "product"),
)
BEYOND = section(
    "C",
    gated(21, {"rows": "product", "at_least": 2}),
    gated(22, {"rows": "product", "at_least": 1, "where": {"answer": "PRD-01.say", **YES}}),
    gated(23, {"date": "AAA-01.day", "before": "2026-01-01"}),
    gated(24, {"ratio": ["AAA-01.whole", "AAA-01.whole"], "at_most": 10}),
    gated(25, {"all": [{"answer": "AAA-01.say", **YES}, {"answer": "PRD-01.say", **YES}]}, "product"),
    gated(26, {"answer": "GAT-23.said", **YES}),
)
ANNEX = section(
    "D",
    question("DDD-01"),
    gated(31, {"answer": "DDD-01.said", **YES}),
    asked_when=gated(1, {"answer": "AAA-02.said", **YES})["asked_when"],
)
ASKED = questionnaire(
    section("A", question("AAA-01", BOTH), question("AAA-02"), question("PRD-01", BOTH, per="product")),
    SAID,
    BEYOND,
    ANNEX,
)


def any_answer(asked: Questionnaire, id_: str, order: random.Random) -> dict[str, Any]:
    """Return a right answer in any state."""
    state = order.choice(("answered", "answered", "answered", *STATES))
    remarks = {"reason": "So.", "legal_basis": "Law.", "reply": "No."}
    if state not in {"answered", "disputed"}:
        return {"state": state, **remarks}
    value = {}
    for name, field in asked.questions[id_].fields.items():
        drawn = next((v for v in (draw(field, order) for _ in range(6)) if fits(field, v)), None)
        if drawn is not None and order.random() < 0.9:
            value[name] = drawn
    return {"state": state, "value": value, **remarks} if value else {"state": "not_answered"}


def any_document(asked: Questionnaire, order: random.Random) -> dict[str, Any]:
    """Return a document of right shape with products; hidden answers may be among its answers."""

    def answers(group: str) -> dict[str, Any]:
        ids = [q.id for q in asked.questions.values() if q.per == group]
        always = [id_ for id_ in ids if not id_.startswith("GAT")]
        chosen = [*[id_ for id_ in always if order.random() < 0.8], *order.sample(ids, order.choice((0, 0, 1, 1, 2)))]
        return {id_: any_answer(asked, id_, order) for id_ in chosen}

    rows = {row: {"name": row, "answers": answers("product")} for row in order.choice((("p1",), ("p1", "p2")))}
    return {"company": answers("company"), "product": rows, "deployment": {}}


def test_schema_and_server_agree_on_what_is_not_asked() -> None:
    validator, said, order = AnswerValidator(ASKED), Hiding(ASKED).said, random.Random(16)
    schema = jsonschema_rs.Draft202012Validator(json.loads(json.dumps(validator.schema)))
    assert {q["id"] for q in SAID["questions"]} | {"DDD-01", "GAT-31"} <= said
    assert said.isdisjoint(q["id"] for q in BEYOND["questions"])
    caught: dict[str, int] = {}
    accepted = 0
    for _ in range(DOCUMENTS):
        document = any_document(ASKED, order)
        problems = validator.check_document(document)
        hidden = {p.pointer.rpartition("/")[2] for p in problems if p.code == "hidden_question"}
        assert {p.code for p in problems} <= {"hidden_question", "unknown_row"}
        for id_ in hidden:
            caught[id_] = caught.get(id_, 0) + 1
        is_valid = schema.is_valid(document)
        accepted += is_valid
        if not hidden:
            assert is_valid, document
        if hidden & said:
            assert not is_valid, (hidden, document)
    assert caught.keys() == ASKED.gates.keys() - {"GAT-13"}  # which is asked whatever is answered
    assert accepted > DOCUMENTS // 10


def test_hidden_answers_never_matter() -> None:
    order = random.Random(17)
    for _ in range(200):
        document = any_document(ASKED, order)
        visible = asked(ASKED, document)
        bare = without_hidden(ASKED, document)
        assert asked(ASKED, bare) == visible
        changed = json.loads(json.dumps(document))
        for group, owners in (("company", {"": changed["company"]}), ("product", changed["product"])):
            for row, owner in owners.items():
                answers = owner.get("answers", owner)
                for id_ in ASKED.by_group[group]:  # type: ignore[index]  # a group
                    if id_ not in visible[group][row]:  # type: ignore[index]  # a group
                        answers[id_] = any_answer(ASKED, id_, order)
        assert asked(ASKED, changed) == visible
        assert without_hidden(ASKED, changed) == bare


@pytest.mark.parametrize(
    ("given", "asked_now"),
    [
        ({}, True),
        ({"AAA-02": {"state": "not_known"}}, True),
        ({"AAA-02": answered(said="yes")}, True),
        ({"AAA-02": answered(said="no")}, False),
    ],
    ids=str,
)
def test_an_annex_opens_by_its_condition_and_an_open_answer_never_shuts_it(
    given: dict[str, Any], asked_now: bool
) -> None:
    found = Asking(ASKED, {"company": given, "product": {}, "deployment": {}}).asked("company")
    assert ("DDD-01" in found, "GAT-31" in found) == (asked_now, asked_now)


def test_diamonds_of_conditions_are_read_in_no_time() -> None:
    def either(number: int) -> dict[str, Any]:
        upstream = [{"answer": f"GAT-{n:02}.said", **YES} for n in (number - 1, number - 2)]
        return gated(number, {"all": upstream})

    first = gated(2, {"answer": "GAT-01.said", **YES})
    built = questionnaire(section("A", question("GAT-01"), first, *(either(n) for n in range(3, 41))))
    schema = jsonschema_rs.Draft202012Validator(AnswerValidator(built).schema)
    document = {"company": {"GAT-01": answered(said="no")}, "product": {}, "deployment": {}}
    assert Asking(built, document).asked("company") == ("GAT-01",)
    assert schema.is_valid(document)
    begun = time.thread_time()
    for number, told in ((2, True), (5, True), (40, False)):  # the schema says as much as a validator reads in no time
        tried = {**document, "company": {**document["company"], f"GAT-{number:02}": answered(said="no")}}
        assert schema.is_valid(tried) is not told
    assert time.thread_time() - begun < 5
