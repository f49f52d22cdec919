"""What a caller asks of what stands beside an attestation.

Invariant: without a file nothing is met; a wish never makes a countersignature count that would not count without it.
"""

from dataclasses import dataclass

from attestations.countersignatures.contents import Level
from attestations.countersignatures.findings import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is left at its default is not asked for."""

    declared: bool = False
    """A declaration of the respondent's officer stands."""
    proven: bool = False
    """And the respondent signed one itself, with a certificate whose holder is proven."""
    assurance: Level | None = None
    """An assurance of at least this level, over the whole, stands, and none that is adverse."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked."""
        return self == NOTHING


NOTHING = Wishes()


def unmet(wishes: Wishes, findings: Findings | None) -> list[str]:
    """Return every wish that the findings, or no file at all, do not meet, in plain words."""
    level = wishes.assurance
    asked = (
        (wishes.declared and not (findings and findings.is_declared()), "no declaration of the respondent counts"),
        (
            wishes.proven and not (findings and findings.is_declared(proven=True)),
            "no declaration is signed with a key whose holder is proven",
        ),
        (
            level is not None and not (findings and findings.is_assured(level)),
            f"no assurance of the level {level} over the whole counts, or one that is adverse stands",
        ),
    )
    return [sentence for failed, sentence in asked if failed]
