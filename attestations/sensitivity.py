"""How firm the bands of an attestation are, computed by whoever verifies it (docs/method.md, section 8).

Invariants: nothing signed says it, so nothing is compared: it follows from the recomputed score alone, and every
machine draws the same; at most the 20 worst deployments are varied, as each takes a thousand draws.
"""

from collections.abc import Mapping
from typing import NamedTuple

from questionnaires.criteria import Criteria
from questionnaires.scoring import Scorecard
from questionnaires.sensitivity import vary

MOST_ROWS = 20
_UNITS = 10_000


class Firmness(NamedTuple):
    """How one deployment's computed band stands under other judgements; residuals with four decimals."""

    row: str
    band: str
    draws: int
    same_band: int
    firm: bool
    low: str
    high: str

    def to_json(self) -> Mapping[str, object]:
        """Return it as JSON."""
        return self._asdict()


def measure(criteria: Criteria, scorecard: Scorecard) -> tuple[Firmness, ...]:
    """Return how firm the bands of the worst deployments are, the worst first."""
    ranked = sorted(scorecard.rows, key=lambda row: (-row.high.residual, row.row))
    return tuple(
        Firmness(row.row, found.band, found.draws, found.same_band, found.firm, _text(found.low), _text(found.high))
        for row in ranked[:MOST_ROWS]
        for found in (vary(criteria, row),)
    )


def _text(residual: int) -> str:
    return f"{residual // _UNITS}.{residual % _UNITS:04}"
