"""Use cases of standing: suspend an attestation for a reason, let it count again, and tell how it stands.

Invariants: whoever changes what suspends the attestations of a submission holds that submission first, so that no two
see each other's half; the status list and the row that gives the reason change in one transaction; a revoked or
superseded attestation is never made to count again. Entries of the audit log are the caller's to write, last.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from api import clock, ids
from api.audit.service import Action, Actor, record
from api.db.session import TenantSession
from api.standing.models import Attestation, AttestationRevocation, AttestationSuspension
from api.transparency.status import set_status, statuses_at
from attestations.status_list import AttestationStatus

Reason = Literal["under_review", "context_changed"]
_HOLDING = 8_230
"""Name of a family of advisory locks, arbitrary."""
_STANDING = (AttestationStatus.VALID, AttestationStatus.SUSPENDED)


class Change(NamedTuple):
    """That an attestation was suspended or counts again: what the audit log is told."""

    action: Action
    attestation: UUID


class Standing(NamedTuple):
    """How an attestation stands: as the status list says, why, and since when (None where the reader cannot know)."""

    value: AttestationStatus
    reason: str | None
    since: datetime | None


def hold(session: TenantSession, *submissions: UUID) -> None:
    """Wait until nobody else changes what suspends the attestations of submissions, until the transaction ends.

    Call it once in a transaction, before anything that the audit log is told of is written or read.
    """
    for key in sorted({_key(submission) for submission in submissions}):
        session.execute(
            text("select pg_advisory_xact_lock(:family, :key)"), {"family": _HOLDING, "key": key}
        )  # fmt: skip


def attestations_of(session: TenantSession, issuer: UUID, submissions: Iterable[UUID]) -> list[Attestation]:
    """Return the attestations of an issuer about submissions that are neither revoked nor superseded."""
    query = select(Attestation).where(
        Attestation.tenant_id == issuer, Attestation.submission_id.in_(list(submissions)),
        Attestation.status_index.is_not(None),
    )  # fmt: skip
    found = session.scalars(query.order_by(Attestation.id)).all()
    said = statuses_at(session, (row.status_index for row in found if row.status_index is not None))
    return [row for row in found if row.status_index is not None and said.get(row.status_index) in _STANDING]


def put(session: TenantSession, attestation: Attestation, reason: Reason, since: datetime | None) -> list[Change]:
    """Have an attestation suspended for a reason since a moment, or with None no longer; return what changed."""
    query = select(AttestationSuspension).where(
        AttestationSuspension.tenant_id == attestation.tenant_id,
        AttestationSuspension.attestation_id == attestation.id, AttestationSuspension.ended_at.is_(None),
    )  # fmt: skip
    running = {row.reason: row for row in session.scalars(query)}
    if (since is None) == (reason not in running):
        return []
    assert attestation.status_index is not None
    if since is not None:
        session.add(
            AttestationSuspension(
                tenant_id=attestation.tenant_id, id=ids.uuid7(), attestation_id=attestation.id,
                respondent_id=attestation.respondent_id, submission_id=attestation.submission_id, reason=reason,
                since=since, ended_at=None,
            )
        )  # fmt: skip
        set_status(session, attestation.status_index, AttestationStatus.SUSPENDED)
    else:
        running.pop(reason).ended_at = clock.now()
        if not running:
            set_status(session, attestation.status_index, AttestationStatus.VALID)
    session.flush()
    return [Change("attestation.resume" if since is None else "attestation.suspend", attestation.id)]


def tell(session: TenantSession, actor: Actor | None, changes: Iterable[Change]) -> None:
    """Write changes into the audit log of whose attestations they are."""
    for change in changes:
        record(session, actor, change.action, change.attestation)


def standings_of(session: TenantSession, attestations: Sequence[Attestation]) -> dict[UUID, Standing]:
    """Return how attestations that the caller reads stand, by id; those of version 1 have no place and are left out."""
    placed = {row.id: row.status_index for row in attestations if row.status_index is not None}
    said = statuses_at(session, placed.values())
    whys = {
        AttestationStatus.SUSPENDED: _suspended(session, placed),
        AttestationStatus.SUPERSEDED: _superseded(session, placed),
        AttestationStatus.REVOKED: _revoked(session, placed),
    }
    return {
        id_: Standing(said[index], *whys.get(said[index], {}).get(id_, (None, None))) for id_, index in placed.items()
    }


Why = tuple[str | None, datetime | None]


def _suspended(session: TenantSession, ids_: Iterable[UUID]) -> dict[UUID, Why]:
    """Return why attestations are suspended: the reason that began first."""
    query = select(AttestationSuspension).where(
        AttestationSuspension.attestation_id.in_(list(ids_)), AttestationSuspension.ended_at.is_(None)
    )
    rows = session.scalars(query.order_by(AttestationSuspension.since.desc(), AttestationSuspension.id.desc()))
    return {row.attestation_id: (row.reason, row.since) for row in rows}


def _superseded(session: TenantSession, ids_: Iterable[UUID]) -> dict[UUID, Why]:
    """Return since when others took attestations' places, as far as the caller sees the others."""
    later = aliased(Attestation)
    query = (
        select(Attestation.id, func.min(later.issued_at))
        .join(later, (later.tenant_id == Attestation.tenant_id) & (later.submission_id == Attestation.submission_id))
        .where(Attestation.id.in_(list(ids_)), later.id > Attestation.id, later.pdf_digest.is_not(None))
        .group_by(Attestation.id)
    )
    return {id_: (None, since) for id_, since in session.execute(query)}


def _revoked(session: TenantSession, ids_: Iterable[UUID]) -> dict[UUID, Why]:
    query = select(AttestationRevocation).where(AttestationRevocation.attestation_id.in_(list(ids_)))
    rows = session.scalars(query.order_by(AttestationRevocation.revoked_at.desc()))
    return {row.attestation_id: (row.reason, row.revoked_at) for row in rows}


def _key(submission: UUID) -> int:
    return int.from_bytes(hashlib.sha256(submission.bytes).digest()[:4], "big", signed=True)
