"""What a scorecard shows on request: the tree of reasons, what to do next, how firm a band is, and what moved.

Invariants: nothing is computed that was not asked for; actions and firmness are of one deployment, as their search and
their draws take tenths of a second for each.
"""

from collections.abc import Sequence
from typing import Any

from api.assessments.schemas import (
    ActionSetOut,
    ChangeOut,
    DetailsIn,
    MovedOut,
    MoveOut,
    PartOut,
    SensitivityOut,
)
from api.assessments.service import Assessment, case_of
from api.problems import Refusal
from questionnaires.actions import next_actions
from questionnaires.evidence import GRADES
from questionnaires.formulas import printed
from questionnaires.movement import Case, compare
from questionnaires.reasons import Part, Sources, give_reasons
from questionnaires.rowscores import RowScore
from questionnaires.sensitivity import FIRM_PERCENT, vary


def details_out(assessment: Assessment, asked: DetailsIn) -> dict[str, Any]:
    """Return the parts of a scorecard that were asked for, by name; refuse a deployment that is not there."""
    choose(assessment, asked.row)
    found: dict[str, Any] = {}
    if asked.reasons == "tree":
        found["reasons"] = reasons_out(assessment)
    if asked.actions:
        found["actions"] = actions_out(assessment, asked.row)
    if asked.sensitivity:
        found["sensitivity"] = sensitivity_out(assessment, asked.row)
    return found


def reasons_out(assessment: Assessment) -> list[PartOut]:
    """Return the reasons of every deployment as trees, worst first."""
    case = case_of(assessment.submission, assessment.inputs)
    sources = Sources(case.criteria, case.questionnaire, case.evidence)
    return [_part(part) for part in give_reasons(assessment.scorecard, sources)]


def actions_out(assessment: Assessment, row: str | None) -> list[ActionSetOut]:
    """Return the smallest sets of practices that bring a deployment to a better band: none where nothing does."""
    declared = assessment.submission.answers["deployment"]
    score = choose(assessment, row)
    if score.row not in declared:  # what is not described has nobody who could act
        return []
    case = case_of(assessment.submission, assessment.inputs)
    return [
        ActionSetOut(
            row=score.row, mitigations=list(found.mitigations), band=found.band, residual=printed(found.residual),
            changes=[
                ChangeOut(
                    question=change.question, row=change.row or None, field=change.field,
                    value=list(change.value) if isinstance(change.value, tuple) else change.value,
                    grade=GRADES[change.grade],
                )
                for change in found.changes
            ],
        )
        for found in next_actions(case, assessment.scorecard, score.row)
    ]  # fmt: skip


def sensitivity_out(assessment: Assessment, row: str | None) -> SensitivityOut:
    """Return how firm a deployment's computed band is under other weights, exponents and ceilings."""
    score = choose(assessment, row)
    found = vary(assessment.inputs.criteria, score)
    return SensitivityOut(
        row=score.row, band=found.band, draws=found.draws, same_band=found.same_band, firm_percent=FIRM_PERCENT,
        firm=found.firm, low=printed(found.low), high=printed(found.high), without=dict(found.one_out),
        arithmetic=found.arithmetic,
    )  # fmt: skip


def choose(assessment: Assessment, row: str | None) -> RowScore:
    """Return the score of a deployment, the worst where none is named; refuse one that is not there."""
    if row is None:
        return assessment.scorecard.worst
    for score in assessment.scorecard.rows:
        if score.row == row:
            return score
    raise Refusal("invalid", "Name a deployment of the submission as row, or none for the worst.")


def moves_out(before: Case, after: Case) -> list[MoveOut]:
    """Return what moved between two cases, by cause: first method, then context, time, and answers."""
    return [
        MoveOut.model_validate(
            {
                "cause": move.cause,
                "row": move.row or None,
                "before": move.before,
                "after": move.after,
                "residual": signed(move.residual),
                "criteria": {code: MovedOut(before=one, after=two) for code, (one, two) in move.criteria.items()},
            }
        )
        for move in compare(before, after)
    ]


def _part(part: Part) -> PartOut:
    return PartOut(
        kind=part.kind, code=part.code, name=part.name, value=part.value, share=signed(part.share),
        parts=_parts(part.parts),
    )  # fmt: skip


def _parts(parts: Sequence[Part]) -> list[PartOut]:
    return [_part(part) for part in parts]


def signed(figure: int) -> str:
    """Return a figure in ten-thousandths, which may be negative, with 4 decimals."""
    return f"-{printed(-figure)}" if figure < 0 else printed(figure)
