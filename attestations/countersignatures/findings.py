"""What was found in a file of countersignatures.

Invariants: a finding is about an entry that holds; what counts and what does not is decided here, once, for reports and
wishes alike; an adverse opinion and a disclaimer never count as assurance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attestations.countersignatures.acts import Act, Withdrawn
from attestations.countersignatures.contents import Assurance, Declaration, Level
from attestations.countersignatures.own_signature import Holder
from attestations.statement import format_instant, read_instant

_MET_BY: dict[str, frozenset[str]] = {
    "agreed_upon_procedures": frozenset({"agreed_upon_procedures"}),
    "limited": frozenset({"limited", "reasonable"}),
    "reasonable": frozenset({"reasonable"}),
}
_ASSURES = frozenset({None, "unmodified", "qualified"})
"""The opinions that may count; none for agreed-upon procedures, which are asked for by their own name."""


@dataclass(frozen=True)
class Finding:
    """A declaration or an assurance: who acted, the own signature, and what became of it by the moment."""

    act: Act
    digest: str
    holder: Holder | None
    released: bool
    """Whether this release knows the text that was declared; true for an assurance."""
    later: bool
    """The act took place after the moment of verification."""
    withdrawn_at: str | None

    @property
    def stands(self) -> bool:
        """Tell whether it was made and not withdrawn by the moment."""
        return not self.later and self.withdrawn_at is None

    @property
    def opinion(self) -> str | None:
        """The kind of opinion of an assurance, or None."""
        content = self.act.content
        return content.opinion.kind if isinstance(content, Assurance) and content.opinion is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return it for a report."""
        return {
            "id": self.act.id,
            "at": self.act.at,
            "digest": self.digest,
            "content": self.act.content.model_dump(mode="json"),
            "own_signature": self.holder.to_json() if self.holder else None,
            "later": self.later,
            "withdrawn_at": self.withdrawn_at,
        }


@dataclass(frozen=True)
class Findings:
    """The declarations and assurances of a file, and as of when it lists all of them."""

    as_of: datetime
    entries: tuple[Finding, ...]
    current: bool = True
    """Whether the key that vouches for the file still counts; without, nothing in it does."""

    @property
    def standing(self) -> list[Finding]:
        """The entries that count."""
        return [one for one in self.entries if one.stands] if self.current else []

    def is_declared(self, *, proven: bool = False) -> bool:
        """Tell whether a declaration stands; `proven`: with an own signature whose holder is proven."""
        return any(
            isinstance(one.act.content, Declaration)
            and one.released
            and (not proven or (one.holder is not None and one.holder.root is not None))
            for one in self.standing
        )

    def is_assured(self, level: Level) -> bool:
        """Tell whether an assurance of at least a level, over the whole, stands and none that is adverse."""
        assurances = [(one, one.act.content) for one in self.standing if isinstance(one.act.content, Assurance)]
        if any(one.opinion == "adverse" for one, _ in assurances):
            return False
        return any(
            content.level in _MET_BY[level] and content.scope.kind == "whole" and one.opinion in _ASSURES
            for one, content in assurances
        )

    def to_json(self) -> dict[str, Any]:
        """Return them for a report."""
        return {"as_of": format_instant(self.as_of), "entries": [one.to_json() for one in self.entries]}


def withdrawals_by(acts: Sequence[Act], at: datetime) -> dict[str, str]:
    """Return when entries were withdrawn, by their digest, up to a moment (aware)."""
    return {act.withdrawal.entry: act.at for act in acts if isinstance(act, Withdrawn) and read_instant(act.at) <= at}
