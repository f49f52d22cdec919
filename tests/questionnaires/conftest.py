"""The shipped revisions, and the nine exercise submissions as the demo holds them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from questionnaires import library
from questionnaires.canonical import digest
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Document, iterate
from questionnaires.evidence import EvidenceItem, Grade
from questionnaires.scoring import Scorecard, assess

ON = date(2026, 11, 25)
CASES = ("f1", "f2", "f3", "f4", "f4b", "f5", "f6", "f7", "f8")
ANSWERS = Path(__file__).parents[2] / "demo" / "answers"


class Revisions(NamedTuple):
    """The revisions that an assessment reads."""

    questionnaire: Questionnaire
    criteria: Criteria
    context: Context

    def assess(self, document: Document, evidence: Mapping[AnswerKey, Sequence[EvidenceItem]]) -> Scorecard:
        """Score a document at the date of the exercise."""
        return assess(self.questionnaire, document, evidence, self.criteria, self.context, ON)


@pytest.fixture(scope="session")
def revisions() -> Revisions:
    """Return the shipped questionnaire and criteria, with the invented places."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@1")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    context = library.find(library.contexts(), "exercise@2026-11")
    assert questionnaire is not None
    assert criteria is not None
    assert context is not None
    return Revisions(questionnaire, criteria, context)


def read_case(name: str) -> dict[str, Any]:
    """Return one exercise submission."""
    case: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    return case


def evidence_of(document: Document, grade: Grade, dated: str = "2026-06-30") -> dict[AnswerKey, list[EvidenceItem]]:
    """Return one piece of evidence of the given grade behind every answer."""
    item = EvidenceItem(digest(grade), grade, date.fromisoformat(dated))
    return {key: [item] for _, key, _ in iterate(document)}
