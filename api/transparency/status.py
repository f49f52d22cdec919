"""Use cases of the status list: what became of every attestation, as of a moment, in one signed token.

Invariants: places are drawn at random, so an index tells neither whose it is nor when it was given; whoever reads the
list reads all of it, so nobody learns which attestation the reader holds; a status that was worse never becomes better,
but for a suspension that ends.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from api.transparency.models import StatusPlace
from attestations import status_list
from attestations.status_list import AttestationStatus, StatusList

SIZE = 131_072
"""Entries; hardly ever more than a kilobyte of token."""
COUNTS_FOR = timedelta(days=1)
PATH = "/log/status-lists/1"
MOST_DRAWS = 100
_FROM: Mapping[AttestationStatus, tuple[AttestationStatus, ...]] = {
    AttestationStatus.VALID: (AttestationStatus.SUSPENDED,),
    AttestationStatus.SUSPENDED: (AttestationStatus.VALID,),
    AttestationStatus.SUPERSEDED: (AttestationStatus.VALID, AttestationStatus.SUSPENDED),
    AttestationStatus.REVOKED: (AttestationStatus.VALID, AttestationStatus.SUSPENDED, AttestationStatus.SUPERSEDED),
}
"""What may become what: revoked stays for good, superseded unless it is revoked."""


@dataclass(frozen=True, slots=True)
class StatusKey:
    """The key that signs the list, with its id."""

    keyid: str
    private: ec.EllipticCurvePrivateKey


class ListFullError(RuntimeError):
    """The status list has no place left; a second list is needed."""


def allocate(session: Session) -> int:
    """Return a place nobody has yet, valid; raise ListFullError."""
    for _ in range(MOST_DRAWS):
        drawn = insert(StatusPlace).values(index=secrets.randbelow(SIZE), status=int(AttestationStatus.VALID))
        found: int | None = session.scalar(drawn.on_conflict_do_nothing().returning(StatusPlace.index))
        if found is not None:
            return found
    raise ListFullError("no place of the status list is free")


def set_status(session: Session, index: int, status: AttestationStatus) -> None:
    """Say what became of an attestation, unless worse is said already: whoever comes second, the worst stands."""
    before = [int(earlier) for earlier in _FROM[status]]
    session.execute(
        update(StatusPlace).where(StatusPlace.index == index, StatusPlace.status.in_(before)).values(status=int(status))
    )


def statuses_at(session: Session, indexes: Iterable[int]) -> dict[int, AttestationStatus]:
    """Return what the list says at places."""
    query = select(StatusPlace.index, StatusPlace.status).where(StatusPlace.index.in_(set(indexes)))
    return {index: AttestationStatus(status) for index, status in session.execute(query)}


def issue_list(session: Session, base_url: str, key: StatusKey, at: datetime) -> str:
    """Return the token of the list as of a moment."""
    query = select(StatusPlace.index, StatusPlace.status).where(StatusPlace.status != int(AttestationStatus.VALID))
    statuses = {index: AttestationStatus(status) for index, status in session.execute(query)}
    as_of = at.replace(microsecond=0)
    listed = StatusList(base_url + PATH, as_of, as_of + COUNTS_FOR, status_list.pack(SIZE, statuses))
    return status_list.sign(listed, key.keyid, key.private)
