"""Why a question is asked: sentences that a respondent can check."""

from typing import Any

import pytest

from questionnaires.grounds import describe, reason
from tests.questionnaires.small import KINDS, TABLE, YES_NO, answered, one, question, questionnaire, section

FACES = {"answer": "PRD-01.said", "is": ["yes"]}
MANY = {"choice": one({"a": "Apples", "b": "Pears"}, "Fruit"), "count": KINDS["whole"], "t": TABLE, "day": KINDS["day"]}


def faces(per: str, **more: Any) -> dict[str, Any]:
    return question("PRD-01", per=per, **more) | {"text": "Does the product recognise faces?"}


def why(condition: dict[str, Any], company: dict[str, Any], rows: dict[str, Any] | None = None) -> str:
    """Return why ZZZ-01 is asked of the company."""
    asked = questionnaire(
        section("A", question("AAA-01"), question("AAA-02", MANY), faces("product")),
        section("B", question("BBB-01", asked_when={"answer": "AAA-01.said", "is": ["yes"]})),
        section("Z", question("ZZZ-01", asked_when=condition)),
    )
    return reason(asked, "ZZZ-01", {"company": company, "product": rows or {}, "deployment": {}})


def test_a_row_tells_which_answer_of_its_own_decided() -> None:
    asked = questionnaire(section("A", faces("product"), question("PRD-02", per="product", asked_when=FACES)))

    def told(answer: dict[str, Any]) -> str:
        rows = {"p1": {"name": "P", "answers": answer}}
        return reason(asked, "PRD-02", {"company": {}, "product": rows, "deployment": {}}, "p1")

    yes = 'Asked because "Does the product recognise faces?" was answered "Yes".'
    assert told({"PRD-01": answered(said="yes")}) == yes
    assert told({"PRD-01": answered(said="no")}) == yes.replace("Asked", "Not asked").replace('"Yes"', '"No"')
    still_open = 'Asked as long as it is open whether "Does the product recognise faces?" is answered "Yes".'
    assert told({}) == told({"PRD-01": {"state": "not_known"}}) == still_open
    assert reason(asked, "PRD-01", {"company": {}}, "p1") == "Asked of every product."


A1, A2 = {"answer": "AAA-01.said", "is": ["yes"]}, {"answer": "AAA-02.choice", "is": ["b"]}
FIRST, SECOND = '"What about AAA-01?"', '"What about AAA-02?"'


@pytest.mark.parametrize(
    ("condition", "company", "told"),
    [
        ({"all": [A1, A2]}, {"AAA-01": answered(said="yes"), "AAA-02": answered(choice="b")},
         f'Asked because {FIRST} was answered "Yes" and {SECOND} (Fruit) was answered "Pears".'),
        ({"all": [A1, A2]}, {"AAA-02": answered(choice="a")},
         f'Not asked because {SECOND} (Fruit) was answered "Apples".'),
        ({"any": [A1, A2]}, {"AAA-02": answered(choice="b")},
         f'Asked because {SECOND} (Fruit) was answered "Pears".'),
        ({"any": [A1, A2]}, {"AAA-01": answered(said="no"), "AAA-02": answered(choice="a")},
         f'Not asked because {FIRST} was answered "No" and {SECOND} (Fruit) was answered "Apples".'),
        ({"any": [A1, A2]}, {},
         f'Asked as long as it is open whether ({FIRST} is answered "Yes" or {SECOND} (Fruit) is answered "Pears").'),
        ({"not": A1}, {"AAA-01": answered(said="no")}, f'Asked because {FIRST} was answered "No".'),
        ({"number": "AAA-02.count", "at_least": 5}, {"AAA-02": answered(count=3)},
         f"Not asked because {SECOND} (Units) was answered 3."),
        ({"answered": "AAA-02.count"}, {"AAA-02": answered(count=3)},
         f"Asked because {SECOND} (Units) was answered 3."),
        ({"state": "AAA-01", "is": ["declined_legal"]}, {"AAA-01": {"state": "declined_legal", "legal_basis": "x"}},
         f"Asked because {FIRST} is declined for a legal reason."),
        ({"date": "AAA-02.day", "before": "2026-01-01"}, {"AAA-02": answered(day="2025-03-01")},
         f"Asked because {SECOND} (Day) was answered 2025-03-01."),
        ({"column": "AAA-02.t.one", "is": ["red"]}, {"AAA-02": answered(t=[{"one": "red"}])},
         f'Asked because a line of {SECOND} (Lines) names "Red".'),
        ({"column": "AAA-02.t.one", "is": ["red"]}, {"AAA-02": answered(t=[])},
         f'Not asked because no line of {SECOND} (Lines) names "Red".'),
        ({"answer": "BBB-01.said", "is": ["yes"]}, {"AAA-01": answered(said="no"), "BBB-01": answered(said="yes")},
         'Not asked because "What about BBB-01?" is not asked.'),
        ({"rows": "product", "at_least": 2}, {}, "Not asked because 1 product is listed."),
        ({"rows": "product", "at_least": 1, "where": FACES}, {},
         'Asked because 1 product is listed for which "Does the product recognise faces?" is answered "Yes".'),
    ],
)  # fmt: skip
def test_every_operator_says_what_decided(condition: dict[str, Any], company: dict[str, Any], told: str) -> None:
    rows = {"p1": {"name": "P", "answers": {"PRD-01": answered(said="yes")}}}
    assert why(condition, company, rows) == told


def test_there_is_one_company_whatever_it_is_called() -> None:
    asked = questionnaire(section("A", question("AAA-01"), question("AAA-02", asked_when=A1)))
    document = {"company": {"AAA-01": answered(said="no")}, "product": {}, "deployment": {}}
    assert reason(asked, "AAA-02", document, "company") == reason(asked, "AAA-02", document)
    assert reason(asked, "AAA-02", document).startswith("Not asked because ")


def test_a_condition_is_described_without_a_document() -> None:
    condition = {"any": [{"rows": "product", "at_least": 2}, {"not": A1}]}
    asked = questionnaire(
        section(
            "A", question("AAA-01", {"said": one(YES_NO)}), faces("product"), question("ZZZ-01", asked_when=condition)
        )
    )
    told = describe(asked, asked.gates["ZZZ-01"][0])
    assert told == f'(at least 2 products are listed or it is not so that {FIRST} is answered "Yes")'
