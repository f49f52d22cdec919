"""Which of revision 2 is asked of whom: annexes open by severity, never by size, and end use is never left out."""

from collections.abc import Callable
from typing import Any

import pytest

from questionnaires import library
from questionnaires.answers import AnswerValidator
from questionnaires.definition import Questionnaire
from questionnaires.scoring import assess
from questionnaires.visibility import asked
from tests.questionnaires.conftest import ON, Revisions
from tests.questionnaires.test_revision_2 import table
from tests.questionnaires.vendors import camera_maker, changed, export_maker, interceptor

ANNEXES = {"P": "product", "Q": "deployment", "R": "company", "S": "incident", "T": "company"}
END_USE = {"USE-01", "USE-02", "USE-03", "USE-04", "USE-06", "USE-07", "USE-08", "USE-11", "USE-19", "USE-21"}
RED_LINES = {"EXP-09", "USE-06", "USE-07", "USE-08", "USE-19", "USE-21", "REC-06"}
Vendor = Callable[[], dict[str, Any]]


@pytest.fixture(scope="module")
def second() -> Questionnaire:
    found = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert found is not None
    return found


def count(questionnaire: Questionnaire, document: dict[str, Any]) -> dict[str, int]:
    """Return how many questions are asked per annex, of the core under "core", summed over rows."""
    section_of = {q.id: s.code for s in questionnaire.sections for q in s.questions}
    found = dict.fromkeys(["core", *ANNEXES], 0)
    for rows in asked(questionnaire, document).values():
        for ids in rows.values():
            for id_ in ids:
                found[section_of[id_] if section_of[id_] in ANNEXES else "core"] += 1
    return found


def opened(questionnaire: Questionnaire, document: dict[str, Any]) -> set[str]:
    """Return the annexes of which anything is asked."""
    return {code for code, number in count(questionnaire, document).items() if number} - {"core"}


@pytest.mark.parametrize(("line", "vendor"), [(0, camera_maker), (1, export_maker), (2, interceptor)])
def test_three_vendors_are_asked_as_many_questions_as_the_page_says(
    line: int, vendor: Vendor, second: Questionnaire
) -> None:
    document = vendor()
    assert AnswerValidator(second).check_document(document) == []
    name, *figures = table("questionnaire-coverage.md", "Three vendors")[line]
    assert name.partition(",")[0].replace(" ", "_") == vendor.__name__
    assert [str(number) for number in count(second, document).values()] == figures


@pytest.mark.parametrize("vendor", [camera_maker, export_maker, interceptor])
def test_end_use_and_red_lines_are_asked_of_every_deployment(vendor: Vendor, second: Questionnaire) -> None:
    for ids in asked(second, vendor())["deployment"].values():
        assert set(ids) >= END_USE | RED_LINES


def test_an_empty_document_is_asked_everything_about_the_company_but_what_a_row_must_show(
    second: Questionnaire,
) -> None:
    empty: dict[str, Any] = {"company": {}, "product": {}, "deployment": {}}
    assert set(second.by_group["company"]) - set(asked(second, empty)["company"][""]) == {"BUY-10", "EXP-05"}


OPENS_P = [
    {"PRD-01": {"types": ["T01"]}},
    {"PRD-01": {"types": ["T06", "T22"]}},
    {"PRD-02": {"covert": "set_up"}},
    {"PRD-03": {"matching": "many_after"}},
    {"PRD-05": {"traits": "yes"}},
    {"PRD-06": {"emotion": "yes"}},
    {"EXP-01": {"listed": "listed", "decided_by": "own"}},
    {"PRD-01": None},
    {"PRD-05": None},
]


@pytest.mark.parametrize("facts", OPENS_P)
def test_a_grave_or_open_fact_of_a_product_opens_its_annex_its_deployments_and_the_companys(
    facts: Any, second: Questionnaire
) -> None:
    document = changed(camera_maker(), "product", "p1", facts)
    grave = all(facts.values())
    assert opened(second, document) == ({"P", "Q", "R"})
    assert grave or not any(answer["state"] == "answered" for id_, answer in
                            document["product"]["p1"]["answers"].items() if id_ in facts)  # fmt: skip


OPENS_Q = [
    {"PRD-10": {"system_types": ["T17"]}},
    {"BUY-01": {"kind": "K09", "end_user_known": "yes", "area": "XA", "channel": "direct", "units": 1}},
    {"BUY-01": {"end_user_known": "no", "area": "XA", "channel": "partner", "units": 1}},
    {"BUY-07": {"passed_on": "standing_access"}},
    {"BUY-08": {"control": "security_tie"}},
    {"EXP-09": {"listing": "binding_licensed"}},
    {"CTX-03": {"oversight": "no"}},
    {"CTX-06": {"situation": "unrest"}},
    {"USE-01": {"stated": ["U01"], "expected": ["U13"]}},
    {"USE-01": {"stated": ["U20"], "expected": ["U01"]}},
    {"USE-02": {"circle": "network"}},
    {"USE-03": {"places": ["worship"]}},
    {"USE-06": {"effect": "detention_benefit_punishment"}},
    {"USE-07": {"groups": "over_represented"}},
    {"USE-08": {"assemblies": "yes"}},
    {"USE-19": {"names_group": "yes"}},
    {"USE-21": {"defenders": "alleged"}},
    {"USE-07": None},
    {"BUY-08": None},
    {"CTX-06": None},
]


@pytest.mark.parametrize("facts", OPENS_Q)
def test_a_grave_or_open_fact_of_a_deployment_opens_its_annex_and_the_companys(
    facts: Any, second: Questionnaire
) -> None:
    document = changed(camera_maker(), "deployment", "d1", facts)
    assert opened(second, document) == {"Q", "R"}


@pytest.mark.parametrize(
    ("facts", "annexes"),
    [
        ({"OWN-01": {"holders": [], "state_tie": "security_tie"}}, {"R"}),
        ({"EXP-04": {"notice": "notified_and_sold"}}, {"R"}),
        ({"EXP-08": {"detour": "unlicensed"}}, {"R"}),
        ({"EXP-10": {"after_refusal": "went_on"}}, {"R"}),
        ({"INV-05": {"open_demands": "yes"}}, {"T"}),
        ({"REC-07": {"reports": 1, "searched": "all_languages"}}, {"R"}),
        ({"OWN-03": {"share": 1, "amount": {"amount": "1", "currency": "EUR"}}}, set()),
    ],
)
def test_a_fact_of_the_company_opens_what_it_concerns(facts: Any, annexes: set[str], second: Questionnaire) -> None:
    assert opened(second, changed(camera_maker(), "company", "", facts)) == annexes


def test_the_number_of_units_and_the_share_of_revenue_shorten_nothing(second: Questionnaire) -> None:
    grave = {"USE-21": {"defenders": "alleged"}}
    document = changed(camera_maker(), "deployment", "d1", grave)
    large = document["deployment"]["d1"]["answers"]["BUY-01"]["value"]
    small = {"BUY-01": {**large, "units": 1}}
    tiny = changed(changed(document, "deployment", "d1", small), "company", "", {"OWN-03": {"share": 1}})
    assert count(second, tiny) == count(second, document)


@pytest.mark.parametrize("kind", ["K19", "K10"])
def test_the_criteria_of_revision_1_still_score_what_revision_2_asks(
    kind: str, second: Questionnaire, revisions: Revisions
) -> None:
    place = {"end_user_known": "yes", "area": "XB", "channel": "other", "units": 3}
    document = changed(camera_maker(), "deployment", "d1", {"BUY-01": {"kind": kind, **place}, "BUY-07": None})
    cards = [
        assess(questionnaire, document, {}, revisions.criteria, revisions.context, ON)
        for questionnaire in (second, revisions.questionnaire)
    ]
    rows = [{row.row: (row.readings, row.high, row.low) for row in card.rows} for card in cards]
    assert rows[0] == rows[1] != {}


def test_an_incident_of_which_nothing_was_reported_is_refused_and_a_reported_one_is_asked_about(
    second: Questionnaire,
) -> None:
    told = {"state": "answered", "value": {"people": 2}}
    incident = {"i1": {"name": "i1", "deployment": "d1", "answers": {"INC-05": told}}}
    silent = {**camera_maker(), "incident": incident}
    problems = AnswerValidator(second).check_document(silent)
    assert [problem.code for problem in problems] == ["hidden_question"]
    reported = changed(silent, "company", "", {"REC-07": {"reports": 1, "searched": "all_languages"}})
    assert AnswerValidator(second).check_document(reported) == []
    assert len(asked(second, reported)["incident"]["i1"]) == 14
