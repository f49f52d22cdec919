"""Two results side by side: what the standard gives, what an overlay gives, and which of its parts moved what.

Invariants: pure; the parts are laid on one after the other in a fixed order, so that their moves add up exactly to the
difference; neither result is changed, averaged or joined.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from questionnaires.criteria import Criteria
from questionnaires.movement import Case
from questionnaires.overlays.applying import PARTS, apply
from questionnaires.overlays.model import Overlay
from questionnaires.scales import BandName
from questionnaires.scorecards import Scorecard

Level = tuple[BandName, int]
"""Printed band and residual, in ten-thousandths."""


class PartMove(NamedTuple):
    """What one part of an overlay moved: printed bands before and after, and the residual's move in ten-thousandths."""

    part: str
    before: BandName | None
    after: BandName | None
    residual: int


class Difference(NamedTuple):
    """One deployment, or the company (`row` is empty), where the two results differ.

    A remainder row may be there in one result only; then it has no band in the other. `held_by` are the own red lines
    and caps that bear on it.
    """

    row: str
    standard: BandName | None
    own: BandName | None
    residual: int
    moves: tuple[PartMove, ...]
    held_by: tuple[str, ...]


class Sides(NamedTuple):
    """The two results, and where they differ."""

    standard: Scorecard
    own: Scorecard
    differences: tuple[Difference, ...]


class Step(NamedTuple):
    """One part of an overlay, and the criteria with it and all parts before it."""

    part: str
    criteria: Criteria


def lay_in_steps(overlay: Overlay, standard: Criteria) -> tuple[Step, ...]:
    """Return the parts of an overlay that change something, one laid on the other; raise OverlayError."""
    steps: list[Step] = []
    for at, part in enumerate(PARTS, start=1):
        before, laid = steps[-1].criteria if steps else standard, apply(overlay, standard, PARTS[:at])
        if _judgements(laid) != _judgements(before):
            steps.append(Step(part, laid))
    return tuple(steps)


def set_beside(case: Case, steps: Sequence[Step]) -> Sides:
    """Return the results of a case under its standard criteria, and under an overlay laid on them in steps."""
    cards = [case.assess(), *(case._replace(criteria=step.criteria).assess() for step in steps)]
    found, parts = [_levels(card) for card in cards], [step.part for step in steps]
    rows = sorted({row for levels in found for row in levels})
    told = (_difference(row, parts, [levels.get(row) for levels in found], cards[-1]) for row in rows)
    return Sides(cards[0], cards[-1], tuple(one for one in told if one.moves))


def _judgements(criteria: Criteria) -> tuple[object, ...]:
    return tuple(getattr(criteria, name) for name in ("weights", "bands", "caps", "red_lines"))


def _levels(card: Scorecard) -> Mapping[str, Level]:
    rows = {row.row: (card.printed(row), row.high.residual) for row in card.rows}
    return {"": (card.band, card.worst.high.residual), **rows}


def _difference(row: str, parts: Sequence[str], levels: Sequence[Level | None], own: Scorecard) -> Difference:
    moves = []
    for part, (before, after) in zip(parts, pairwise(levels), strict=True):
        if before != after:
            moved = after[1] - before[1] if before and after else 0
            moves.append(PartMove(part, before and before[0], after and after[0], moved))
    first, last = levels[0], levels[-1]
    residual = last[1] - first[1] if first and last else 0
    return Difference(row, first and first[0], last and last[0], residual, tuple(moves), _held_by(row, own))


def _held_by(row: str, own: Scorecard) -> tuple[str, ...]:
    """Return the own codes that bear on a row: those of the company bear on every row, all bear on the company."""
    standing = own.standing
    if standing is None:
        return ()
    products = {score.row: score.product for score in own.rows}
    incidents = own.document.get("incident", {})
    about = {("company", ""), ("deployment", row), ("product", products.get(row, ""))}
    about |= {("incident", id_) for id_, content in incidents.items() if content.get("deployment") == row}
    caps = {hold.cap for hold in standing.holds if not row or hold.row in {"", row}}
    lines = {line.code for line in standing.findings if line.band and (not row or (line.group, line.row) in about)}
    return tuple(sorted(code for code in caps | lines if code.startswith("X")))
