"""Which questions are asked, given the answers so far.

Invariants: a question is hidden only where its condition is certainly false, or hangs on hidden questions alone;
leaving a deciding answer open never hides a question; hidden answers count as absent.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from questionnaires.conditions import evaluate, references
from questionnaires.definition import GROUPS, Group, Question, Questionnaire
from questionnaires.documents import Answer, AnswerFacts, Document, answers_of

Visible: TypeAlias = dict[Group, dict[str, list[str]]]
"""The ids of the questions asked, in reading order, per group and row (`""` for the company)."""


def hidden(questionnaire: Questionnaire, answers: Mapping[str, Answer], group: Group) -> frozenset[str]:
    """Return the ids of the group's questions that are not asked; `answers` joins all groups the row belongs to."""
    known: dict[str, bool] = {}
    asked = dict(answers)

    def is_hidden(question: Question) -> bool:
        if question.id not in known:
            known[question.id] = False
            condition = question.asked_when
            if condition is not None:
                upstream = {reference.partition(".")[0] for reference in references(condition)}
                gone = {name for name in upstream if is_hidden(questionnaire.questions[name])}
                for name in gone:
                    asked.pop(name, None)
                outcome = False if gone == upstream else evaluate(condition, AnswerFacts(questionnaire, asked))
                known[question.id] = outcome is False
        return known[question.id]

    return frozenset(q.id for q in questionnaire.by_group[group].values() if q.asked_when and is_hidden(q))


def asked(questionnaire: Questionnaire, document: Document) -> Visible:
    """Return the ids of the questions asked, in reading order, per group and row (`""` for the company)."""
    found: Visible = {"company": {}, "product": {}, "deployment": {}}
    company = answers_of(document, "company")
    for group in GROUPS:
        rows = [""] if group == "company" else sorted(document.get(group, {}))
        for row in rows:
            answers = {**company, **_product_answers(document, group, row), **answers_of(document, group, row)}
            gone = hidden(questionnaire, answers, group)
            found[group][row] = [id_ for id_ in questionnaire.by_group[group] if id_ not in gone]
    return found


def without_hidden(questionnaire: Questionnaire, document: Document) -> Document:
    """Return the document without the answers to questions that are not asked."""
    return kept(document, asked(questionnaire, document))


def kept(document: Document, visible: Visible) -> Document:
    """Return the document with the answers to the questions named, which `asked` found."""

    def answers(group: Group, row: str) -> dict[str, Answer]:
        here = answers_of(document, group, row)
        return {id_: here[id_] for id_ in visible[group][row] if id_ in here}

    rows: dict[str, Any] = {
        group: {row: {**document[group][row], "answers": answers(group, row)} for row in document.get(group, {})}
        for group in GROUPS[1:]
    }
    return {"company": answers("company", ""), **rows}


def _product_answers(document: Document, group: Group, row: str) -> Mapping[str, Answer]:
    if group != "deployment":
        return {}
    return answers_of(document, "product", document["deployment"][row].get("product", ""))
