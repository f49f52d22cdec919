"""Two assessments compared: what moved by the method, by the context, by time, and by answers.

Invariants: pure; the causes are changed one after the other in a fixed order, so that their moves add up exactly to the
difference; a deployment is the same where its row id is.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Document
from questionnaires.evidence import EvidenceItem
from questionnaires.redlines import Review
from questionnaires.scales import BandName
from questionnaires.scorecards import Scorecard
from questionnaires.scoring import assess

CAUSES = ("method", "context", "time", "answers")
"""Questionnaire and criteria; the context snapshot; the date; answers, evidence and what reviewers decided."""


class Case(NamedTuple):
    """Everything that an assessment is computed from."""

    questionnaire: Questionnaire
    document: Document
    evidence: Mapping[AnswerKey, Sequence[EvidenceItem]]
    criteria: Criteria
    context: Context
    on: date
    review: Review

    def assess(self) -> Scorecard:
        """Return the scorecard of the case."""
        return assess(
            self.questionnaire, self.document, self.evidence, self.criteria, self.context, self.on, self.review
        )


class Move(NamedTuple):
    """What one cause moved: bands before and after, and the residual's move in ten-thousandths.

    `row` is empty for the company. A deployment that came or went has no band on one side, and no move. `criteria` are
    those whose counting value changed, as (before, after).
    """

    cause: str
    row: str
    before: BandName | None
    after: BandName | None
    residual: int
    criteria: Mapping[str, tuple[int, int]]


def compare(before: Case, after: Case) -> tuple[Move, ...]:
    """Return every move between two cases, cause by cause, the company first; nothing is left out that moved."""
    steps = [
        before,
        (method := before._replace(questionnaire=after.questionnaire, criteria=after.criteria)),
        (context := method._replace(context=after.context)),
        context._replace(on=after.on),
        after,
    ]
    scorecards = [steps[0].assess()]
    for earlier, later in pairwise(steps):
        scorecards.append(scorecards[-1] if later == earlier else later.assess())
    pairs = zip(CAUSES, scorecards, scorecards[1:], strict=False)
    return tuple(move for cause, one, other in pairs if one is not other for move in _moves(cause, one, other))


def _moves(cause: str, before: Scorecard, after: Scorecard) -> list[Move]:
    company = Move(
        cause, "", before.band, after.band, after.worst.high.residual - before.worst.high.residual, {}
    )  # the worst deployment may be another one
    old, new = ({row.row: row for row in scorecard.rows} for scorecard in (before, after))
    found = [company]
    for row in sorted(old.keys() | new.keys()):
        one, other = old.get(row), new.get(row)
        if one is None or other is None:
            bands = (before.printed(one) if one else None, after.printed(other) if other else None)
            found.append(Move(cause, row, *bands, 0, {}))
            continue
        values = {code: (reading.high, other.readings[code].high) for code, reading in one.readings.items()}
        values |= {code: (counts, other.counted[code]) for code, counts in one.counted.items()}
        moved = {code: pair for code, pair in values.items() if pair[0] != pair[1]}
        residual = other.high.residual - one.high.residual
        found.append(Move(cause, row, before.printed(one), after.printed(other), residual, moved))
    return [move for move in found if move.residual or move.before != move.after or move.criteria]
