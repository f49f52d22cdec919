"""Assessment: a pure function of questionnaire, answers, evidence, criteria, context and what reviewers decided.

The criteria revision names the engine that reads it; every released engine stays. Invariants that all of them keep
(docs/method.md): an unknown risk counts at its worst still-possible value, an unknown mitigation earns nothing, the
company's result is its worst deployment, and order, row ids, hidden and irrelevant answers change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from questionnaires import engine_1, engine_2
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Document
from questionnaires.evidence import EvidenceItem
from questionnaires.formulas import Figures
from questionnaires.redlines import NO_REVIEW, Review
from questionnaires.rowscores import PEOPLE, UNDECLARED, RowScore, are_rated, score_readings
from questionnaires.scorecards import Scorecard

__all__ = ["PEOPLE", "UNDECLARED", "RowScore", "Scorecard", "assess", "is_rated", "result_of", "score_readings"]


class UnknownEngineError(ValueError):
    """The criteria name an engine that this release does not have."""


def assess(  # noqa: PLR0913, PLR0917  # the inputs of the method
    questionnaire: Questionnaire,
    document: Document,
    evidence: Mapping[AnswerKey, Sequence[EvidenceItem]],
    criteria: Criteria,
    context: Context,
    on: date,
    review: Review = NO_REVIEW,
) -> Scorecard:
    """Return the scorecard of a valid answer document, by the engine that the criteria name.

    `on` is the date at which evidence ages and waits are read; engine 1 knows no reviews. Raises UnknownEngineError.
    """
    if criteria.engine == engine_1.ENGINE:
        return engine_1.assess(questionnaire, document, evidence, criteria, context, on)
    if criteria.engine == engine_2.ENGINE:
        return engine_2.assess(questionnaire, document, evidence, criteria, context, on, review)
    raise UnknownEngineError(f"this release has no engine {criteria.engine}")


def result_of(scorecard: Scorecard) -> dict[str, Any]:
    """Return the scorecard as it is signed: whole numbers, strings and truths only, rows sorted by id."""
    return engine_1.result_of(scorecard) if scorecard.standing is None else engine_2.result_of(scorecard)


def is_rated(low: Figures, high: Figures) -> bool:
    """Return whether two bounds lie close enough together to print one band."""
    return are_rated(low.band, high.band)
