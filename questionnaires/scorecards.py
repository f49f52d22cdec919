"""The scorecard: one shape for every engine, so that readers need not ask which engine scored.

Invariants: `standing` is there exactly where the engine reads caps, red lines and completeness; without it the printed
band is the computed one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from questionnaires.completeness import Coverage
from questionnaires.documents import AnswerKey, Document
from questionnaires.formulas import Figures
from questionnaires.rowscores import RowScore
from questionnaires.scales import BandName
from questionnaires.standing import Standing


class Scorecard(NamedTuple):
    """The assessment of a submission. `low` is the company's low bound: no row can end below its own."""

    rows: Sequence[RowScore]
    worst: RowScore
    people_in_high_or_severe: int
    people_open: int
    coverage: Coverage
    places: frozenset[str]
    document: Document
    levels: Mapping[AnswerKey, int]
    standing: Standing | None = None

    @property
    def low(self) -> Figures:
        """The highest of the rows' low bounds; rows that may turn out not to be there do not count."""
        doubtful = self.standing.doubtful if self.standing is not None else frozenset()
        rows = [row.low for row in self.rows if row.row not in doubtful]
        return max(rows, key=lambda figures: figures.residual)

    def printed(self, row: RowScore) -> BandName:
        """Return the band that is printed for a deployment."""
        return row.high.band if self.standing is None else self.standing.rows[row.row].band

    @property
    def band(self) -> BandName:
        """The company's printed band."""
        return self.worst.high.band if self.standing is None else self.standing.band
