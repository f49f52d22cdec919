"""What the steps hand on to each other.

Invariants: the arguments never change; a finding is set once its step held, and only later steps read it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from attestations.bundle import Bundle
from attestations.byte_range import SignedBytes
from attestations.certificates import Chain
from attestations.disclosure import Disclosure
from attestations.in_toto import AnyStatement
from attestations.policy import Policy
from attestations.record import LoggedEvent, statement_digest
from attestations.report import SignerName, Step
from attestations.trust import Trust

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

    from attestations.countersignatures.findings import Findings
    from attestations.sensitivity import Firmness
    from attestations.signature import Seal


@dataclass
class Progress:
    """The arguments of a verification, and what was found so far."""

    data: bytes
    trust: Trust
    at: datetime
    revisions: frozenset[str]
    kind: Literal["pdf", "bundle", "unknown"]
    record: "bytes | Callable[[str], bytes | None] | None" = None
    policy: Policy = field(default_factory=Policy)
    signed: SignedBytes | None = None
    reader: "PdfFileReader | None" = None
    seal: "Seal | None" = None
    signer: SignerName | None = None
    bundle: Bundle | None = None
    statement: AnyStatement | None = None
    leaf: bytes | None = None
    proven: Disclosure | None = None
    countersignatures: bytes | None = None
    sensitivity: bool = False
    firmness: "tuple[Firmness, ...] | None" = None
    findings: "Findings | None" = None
    events: list[LoggedEvent] = field(default_factory=list)
    status_token: str | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def proven_at(self) -> datetime | None:
        """Since when the PDF's signature, and with it the statement inside, is proven to exist."""
        return None if self.seal is None else self.seal.proven_at

    def held_within(self, chains: Iterable[Chain]) -> bool:
        """Say whether a chain is valid at the moment of verification, or was when the signature was proven to exist."""
        moments = [self.at] if self.proven_at is None else [self.at, self.proven_at]
        return any(chain.is_valid_at(moment) for chain in chains for moment in moments)

    def find_record(self) -> bytes | None:
        """Return the record, asked for once where it has to be found; step 3 held."""
        if callable(self.record):
            bundle, _ = self.opened()
            self.record = self.record(statement_digest(bundle.envelope.payload_bytes))
        return self.record

    def opened(self) -> tuple[Bundle, AnyStatement]:
        """Return the bundle and its statement; step 3 held."""
        assert self.bundle is not None
        assert self.statement is not None
        return self.bundle, self.statement
