"""What of a sealed document is shown to others: some sections, or all but what is withheld.

Invariants: a copy holds no answer that was not chosen; rows keep their names, as an answer without its row says little;
what is withheld is left out, never replaced.
"""

from collections.abc import Callable, Collection
from typing import Any

from questionnaires.definition import ROW_GROUPS, Group, Questionnaire
from questionnaires.documents import AnswerKey, Document, answers_of, compose


def only_sections(questionnaire: Questionnaire, document: Document, codes: Collection[str]) -> Document:
    """Return the document with the answers of the named sections."""
    wanted = {q.id for section in questionnaire.sections if section.code in codes for q in section.questions}
    return _copy(document, lambda key: key.question in wanted)


def all_but(document: Document, withheld: Collection[AnswerKey]) -> Document:
    """Return the document without the answers named."""
    return _copy(document, lambda key: key not in withheld)


def _copy(document: Document, shown: Callable[[AnswerKey], bool]) -> Document:
    company = {id_: a for id_, a in answers_of(document, "company").items() if shown(AnswerKey(id_, ""))}
    rows: dict[Group, dict[str, Any]] = {}
    for group in ROW_GROUPS:
        rows[group] = {
            row: {**content, "answers": {id_: a for id_, a in content["answers"].items() if shown(AnswerKey(id_, row))}}
            for row, content in document.get(group, {}).items()
        }
    return compose(company, rows)
