"""The exercises, answered for revision 2 too: what it asks beyond revision 1 is answered so that nothing changes."""

import copy
from typing import Any

from questionnaires.definition import Questionnaire
from questionnaires.documents import value_of
from questionnaires.visibility import asked, without_hidden
from tests.questionnaires.conftest import read_case

HARMLESS: dict[str, Any] = {
    "OWN-01.state_tie": "none_checked", "OWN-02.own_listing": "none_checked", "OWN-09.place_unknown": 0,
    "PRD-02.covert": "no", "PRD-03.matching": "none", "PRD-16.routes": [], "BUY-07.passed_on": "none_checked",
    "BUY-19.loans": "none_checked", "BUY-20.still_supported": "yes", "EXP-08.detour": "none_checked",
    "EXP-10.after_refusal": "no_refusal", "USE-02.circle": "site", "USE-03.places": [], "USE-12.settings": [],
    "USE-15.involves": [], "USE-19.names_group": "no_checked", "USE-21.defenders": "none_checked",
    "REM-05.retaliation": "none", "REM-06.proceedings": "none_checked", "REC-07.reports": 0,
    "REC-07.searched": "all_languages", "PRD-18.galleries": [], "PRD-20.help_given": [],
    "BUY-17.paid": "none_checked", "CTX-05.laws": [], "USE-05.added_by": "no_list", "USE-09.databases": [],
    "USE-10.receivers": [], "USE-13.border_use": [], "USE-16.basis": "court_order", "USE-17.changed": "no_checked",
    "USE-20.measured": "even", "IMP-08.known": "nothing_searched", "CON-08.terms": ["purposes", "no_go"],
    "OWN-08.posts": "none_checked", "GOV-05.body": "board", "DES-06.control": "vetted_and_forbidden",
    "DES-07.reviewed": "independent", "MON-05.kept": 0, "MON-09.received": 5,
    "CON-05.statements": 80, "MON-08.rule": "days_30", "MON-08.kept": 90, "MON-08.exercise": "none",
    "REM-08.exercise": "none", "IMP-12.first_made": "before", "TRA-06.cases": "yes",
}  # fmt: skip
"""Answers to what criteria revision 2 reads beyond revision 1. Fields that no rule reads are filled by their kind."""

_BY_KIND: dict[str, Any] = {
    "multi": [], "table": [], "files": [], "integer": 1, "percent": 50, "decimal": "1.0", "text": "As told.",
    "long_text": "As told.", "date": "2026-01-01", "date_range": {"from": "2025-01-01", "to": "2025-12-31"},
    "money": {"amount": "1.00", "currency": "EUR"}, "yes_partial_no": "partial",
}  # fmt: skip


def read_whole(case: str, questionnaire: Questionnaire) -> dict[str, Any]:
    """Return an exercise's document with every question answered that is asked."""
    key = f"{case}@{questionnaire.revision}"
    if key not in _READ:
        _READ[key] = answer_all(copy.deepcopy(read_case(case)["document"]), questionnaire)
    return copy.deepcopy(_READ[key])


_READ: dict[str, dict[str, Any]] = {}


def answer_all(document: dict[str, Any], questionnaire: Questionnaire) -> dict[str, Any]:
    """Answer what is asked and new in revision 2, until nothing more is asked."""
    while True:
        gaps = [
            (group, row, id_)
            for group, rows in asked(questionnaire, document).items()
            for row, ids in rows.items()
            for id_ in ids
            if _missing(questionnaire, id_, answers_at(document, group, row).get(id_))
        ]
        if not gaps:
            return dict(copy.deepcopy(without_hidden(questionnaire, document)))
        for group, row, id_ in gaps:
            answers = answers_at(document, group, row)
            stated = dict(value_of(answers.get(id_)))
            for name in _missing(questionnaire, id_, answers.get(id_)):
                stated[name] = _harmless(questionnaire, f"{id_}.{name}")
            answers[id_] = {"state": "answered", "value": stated}


def answers_at(document: dict[str, Any], group: str, row: str) -> dict[str, Any]:
    """Return the answers of the company or of one row."""
    answers: dict[str, Any] = document["company"] if group == "company" else document[group][row]["answers"]
    return answers


def _missing(questionnaire: Questionnaire, id_: str, answer: Any) -> list[str]:
    """Return the fields to fill: all of a question that nothing is said about, none of what an exercise leaves open."""
    return [] if answer is not None else list(questionnaire.questions[id_].fields)


def _harmless(questionnaire: Questionnaire, reference: str) -> Any:
    if reference in HARMLESS:
        return HARMLESS[reference]
    field = questionnaire.field(reference)
    if field.kind == "one":
        return next(iter(field.choices))
    if field.kind == "matrix":
        return {row: next(iter(field.columns)) for row in field.rows}
    return copy.deepcopy(_BY_KIND[field.kind])
