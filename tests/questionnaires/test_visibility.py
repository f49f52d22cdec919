"""What is asked is decided for all rows at once: held against reading each condition for each row alone."""

import inspect
import random
import sys
from typing import Any

import pytest

from questionnaires.conditions import Condition, evaluate
from questionnaires.consistency import LONGEST_CHAIN
from questionnaires.definition import GROUPS, Group, Questionnaire
from questionnaires.documents import answers_of, owners_of
from questionnaires.visibility import Asking, RowFacts
from tests.questionnaires.small import KINDS, answered, one, question, questionnaire, section
from tests.questionnaires.test_hiding import any_answer

YES = {"is": ["yes"]}
NUMBERS = {"part": KINDS["whole"], "whole": KINDS["whole"]}
SAYS = {"any": [{"answer": "DEP-01.said", **YES}, {"answer": "PRD-01.said", **YES}]}
FAR = {"ratio": ["PRD-02.part", "AAA-02.whole"], "at_least": 50}
FARTHER = {"all": [FAR, {"not": {"ratio": ["PRD-02.part", "DEP-02.whole"], "at_most": 20}}]}


def hung(number: int, condition: dict[str, Any], per: str) -> dict[str, Any]:
    return question(f"GAT-{number:02}", per=per, asked_when=condition)


ASKED = questionnaire(
    section(
        "A",
        question("AAA-01"),
        question("AAA-02", NUMBERS),
        question("PRD-01", per="product"),
        question("PRD-02", NUMBERS, per="product", asked_when={"answer": "AAA-01.said", **YES}),
        question("DEP-01", per="deployment"),
        question("DEP-02", NUMBERS, per="deployment", asked_when={"answer": "PRD-01.said", **YES}),
        question("INC-01", per="incident"),
    ),
    section(
        "B",
        hung(1, SAYS, "deployment"),
        hung(2, {"all": [SAYS, {"not": {"state": "DEP-02", "is": ["not_known"]}}]}, "deployment"),
        hung(3, FAR, "product"),
        hung(4, FARTHER, "deployment"),
        hung(5, {"rows": "deployment", "at_least": 2, "where": SAYS}, "company"),
        hung(6, {"rows": "product", "at_most": 1, "where": {"answer": "GAT-03.said", **YES}}, "deployment"),
        hung(7, {"any": [FARTHER, {"answer": "INC-01.said", **YES}]}, "incident"),
        hung(8, {"answer": "GAT-01.said", **YES}, "incident"),
        hung(9, {"any": [{"answer": "GAT-02.said", **YES}, {"answer": "GAT-04.said", **YES}]}, "deployment"),
    ),
)


def any_document(order: random.Random) -> dict[str, Any]:
    """Return a document of up to 3 products, 6 deployments and 4 incidents, some of these of no deployment."""

    def answers(group: Group) -> dict[str, Any]:
        return {id_: any_answer(ASKED, id_, order) for id_ in ASKED.by_group[group] if order.random() < 0.7}

    def rows(group: Group, most: int, **places: list[str | None]) -> dict[str, Any]:
        named = {name: order.choice(choices) for name, choices in places.items()}
        ids = [f"{group[0]}{number}" for number in range(order.randint(0, most))]
        return {id_: {"name": id_, **named, "answers": answers(group)} for id_ in ids}

    products = rows("product", 3)
    deployments = rows("deployment", 6, product=[*products]) if products else {}
    incidents = rows("incident", 4, deployment=[None, *deployments])
    return {"company": answers("company"), "product": products, "deployment": deployments, "incident": incidents}


class Alone:
    """The rule said plainly: one row, one question, one condition after the other."""

    def __init__(self, asked: Questionnaire, document: dict[str, Any]) -> None:
        self.asked, self.document = asked, document
        self.asking = Asking(asked, document)

    def holds(self, gate: Condition, group: Group, row: str, *, in_the_end: bool = False) -> bool | None:
        """Return whether a condition holds without hidden answers (and without those that may go)."""
        facts = RowFacts(self.asking, group, row)
        kept = {}
        for owner in owners_of(self.document, group, row):
            for id_, answer in answers_of(self.document, *owner).items():
                if id_ in gate.own_questions and not self.hidden(id_, owner[1]):
                    kept |= {} if in_the_end and self.may_go(id_, owner[1]) else {id_: answer}
        facts.answers = kept
        return evaluate(gate, facts)

    def hidden(self, id_: str, row: str) -> bool:
        """Tell whether a condition of a question fails, or hangs on hidden questions alone."""
        group = self.asked.questions[id_].per
        owners = dict(owners_of(self.document, group, row))

        def hangs(gate: Condition) -> bool:
            upstream = [(name, owners.get(self.asked.questions[name].per)) for name in gate.own_questions]
            gone = [owner is not None and self.hidden(name, owner) for name, owner in upstream]
            return bool(gone) and all(gone) and not gate.counts

        gates = self.asked.gates.get(id_, ())
        return any(hangs(gate) or self.holds(gate, group, row) is False for gate in gates)

    def may_go(self, id_: str, row: str) -> bool:
        """Tell whether a condition of a question does not surely hold."""
        group = self.asked.questions[id_].per
        gates = self.asked.gates.get(id_, ())
        return any(self.holds(gate, group, row, in_the_end=True) is not True for gate in gates)


def test_every_row_is_asked_what_its_own_answers_decide() -> None:
    order, once_hidden, once_unsure = random.Random(31), set[str](), set[str]()
    for _ in range(60):
        document = any_document(order)
        alone, asking = Alone(ASKED, document), Asking(ASKED, document)
        for group in GROUPS:
            for row in [*asking.rows(group), *(["nobody"] if group != "company" else [])]:
                hidden = {id_ for id_ in ASKED.by_group[group] if alone.hidden(id_, row)}
                unsure = {id_ for id_ in ASKED.by_group[group] if id_ not in hidden and alone.may_go(id_, row)}
                assert asking.hidden(group, row) == hidden, (group, row, document)
                assert row == "nobody" or asking.unsure(group, row) == unsure, (group, row, document)
                once_hidden |= hidden
                once_unsure |= unsure
    assert once_hidden == once_unsure == ASKED.gates.keys()


@pytest.mark.parametrize("order", [("d1", "d2"), ("d2", "d1")], ids=str)
def test_a_choice_or_a_text_named_none_is_not_silence(order: tuple[str, str]) -> None:
    fields = {"said": one({"None": "None", "yes": "Yes"}), "note": KINDS["line"]}
    asked = questionnaire(
        section(
            "A",
            question("PRD-01", per="product"),
            question("DEP-01", fields, per="deployment"),
            hung(1, {"answer": "DEP-01.said", **YES}, "deployment"),
            hung(2, {"not": {"answered": "DEP-01.note"}}, "deployment"),
        )
    )
    says, open_row = order
    answers = {says: answered(said="None", note="None"), open_row: answered()}
    rows = {row: {"name": row, "product": "p1", "answers": {"DEP-01": answer}} for row, answer in answers.items()}
    products = {"p1": {"name": "P", "answers": {}}}
    asking = Asking(asked, {"company": {}, "product": products, "deployment": rows})
    assert asking.asked("deployment", says) == ("DEP-01",)
    assert asking.asked("deployment", open_row) == ("DEP-01", "GAT-01", "GAT-02")


def test_a_chain_of_counting_conditions_is_no_chain_of_calls() -> None:
    def counting(inner: dict[str, Any]) -> dict[str, Any]:
        rows = {"rows": "product", "at_least": 1, "where": {"all": [{"any": [inner]}]}}
        return {"all": [{"any": [{"all": [rows]}]}]}

    chain = [question("PRD-01", per="product")]
    for number in range(1, LONGEST_CHAIN):
        above = "PRD-01" if number == 1 else f"GAT-{number - 1:02}"
        chain.append(hung(number, counting({"answer": f"{above}.said", **YES}), "product"))
    asked = questionnaire(section("A", *reversed(chain)))  # the last of the chain is decided first
    rows = {row: {"name": row, "answers": {"PRD-01": answered(said="no")}} for row in ("p1", "p2")}
    asking = Asking(asked, {"company": {}, "product": rows, "deployment": {}})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 5 * LONGEST_CHAIN)
    try:
        assert len(asking.asked("product", "p2")) == LONGEST_CHAIN - 1  # what counts an absent answer stays open
        assert len(asking.unsure("product", "p2")) == LONGEST_CHAIN - 2
    finally:
        sys.setrecursionlimit(limit)
