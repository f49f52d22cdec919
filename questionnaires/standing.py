"""Where a company and its deployments stand once caps, floors and red lines are applied.

Invariants: the printed band is never better than the computed one; every difference has a named hold; `certain` holds
count in the low bound too, the others hang on open answers and count in the headline only.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from questionnaires.definition import Group
from questionnaires.redlines import Decision, Review, Status
from questionnaires.scales import BandName


class Hold(NamedTuple):
    """A cap that holds: its code, the row (empty for the company), what it does, and the places it was read from."""

    cap: str
    row: str
    effect: str
    because: tuple[str, ...]
    certain: bool = False
    floor: BandName | None = None


class Finding(NamedTuple):
    """A red line that an answer points to, or that is not excluded; `band` is what it holds the printed band at."""

    code: str
    candidate: str
    group: Group
    row: str
    status: Status
    band: BandName | None
    band_low: BandName | None
    because: tuple[str, ...]
    decision: Decision | None


class RowStanding(NamedTuple):
    """One deployment: printed bands, whether it is self-assessed, and what full mitigation would take off R."""

    band: BandName
    band_low: BandName
    rated: bool
    self_assessed: bool
    avoidable: int


class EvidenceShares(NamedTuple):
    """How many answers stand on what: word alone, a file or a reading (V1, V2), a third party (V3, V4), a clash."""

    stated: int
    documented: int
    verified: int
    contradicted: int


class Standing(NamedTuple):
    """The company: printed bands, what holds them, red lines, and what qualifies the result.

    `doubtful` are remainder rows that may turn out not to be there; `remainders` are all of them.
    """

    band: BandName
    band_low: BandName
    rated: bool
    computed_low: BandName
    rows: Mapping[str, RowStanding]
    holds: Sequence[Hold]
    findings: Sequence[Finding]
    shares: EvidenceShares
    insufficient_disclosure: bool
    remainders: frozenset[str]
    doubtful: frozenset[str]
    review: Review
