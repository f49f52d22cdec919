"""Use cases of revocations: one of the two parties takes an attestation back, for good.

Invariants: the row, the log's entry and the status list are one transaction; whatever else is said of an attestation,
before, after or at the same moment, revoked it stays.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from api import clock
from api.attesting.models import Attestation, AttestationRevocation
from api.attesting.service import read_attestation
from api.audit.service import record
from api.db.session import TenantSession
from api.problems import Refusal
from api.tenancy import Principal, tenant_of
from api.transparency.service import enter
from api.transparency.status import set_status
from attestations import statement
from attestations.record import statement_digest
from attestations.status_list import AttestationStatus
from attestations.transparency.entries import Revoke

WITHDRAWN = "declaration_withdrawn"
Reason = Literal["declaration_withdrawn", "declaration_false", "issued_in_error", "key_compromised"]


def revoke(session: TenantSession, principal: Principal, id_: UUID, reason: Reason) -> Attestation:
    """Revoke an attestation, for good: the vendor withdraws its declaration, the investor gives another reason."""
    attestation, me = read_attestation(session, principal, id_), tenant_of(principal)
    if me not in {attestation.tenant_id, attestation.respondent_id}:
        raise Refusal("forbidden", "Only its two parties revoke an attestation.")
    if (me == attestation.respondent_id) != (
        reason == WITHDRAWN
    ) and attestation.tenant_id != attestation.respondent_id:
        raise Refusal("forbidden", "The vendor withdraws its declaration; any other reason is the investor's to give.")
    found = find_revocation(session, attestation)
    if found is not None:
        return attestation
    other = attestation.respondent_id if me == attestation.tenant_id else attestation.tenant_id
    revocation = AttestationRevocation(
        tenant_id=me, attestation_id=id_, other_id=other, reason=reason, revoked_at=clock.now()
    )
    session.add(revocation)
    session.flush()
    at = statement.format_instant(revocation.revoked_at)
    enter(session, Revoke(statement=statement_digest(attestation.statement), reason=reason, at=at))
    if attestation.status_index is not None:
        set_status(session, attestation.status_index, AttestationStatus.REVOKED)
    record(session, principal, "attestation.revoke", id_)
    return attestation


def find_revocation(session: TenantSession, attestation: Attestation) -> AttestationRevocation | None:
    """Return the first revocation of an attestation that the caller sees, or None."""
    parties = (attestation.tenant_id, attestation.respondent_id)
    query = select(AttestationRevocation).where(
        AttestationRevocation.attestation_id == attestation.id, AttestationRevocation.tenant_id.in_(parties)
    )
    return session.scalars(query.order_by(AttestationRevocation.revoked_at).limit(1)).one_or_none()


def revocations_of(session: TenantSession, attestations: Sequence[Attestation]) -> dict[UUID, AttestationRevocation]:
    """Return the revocations of attestations that the caller sees, by the attestation's id."""
    query = select(AttestationRevocation).where(
        AttestationRevocation.attestation_id.in_([attestation.id for attestation in attestations])
    )
    return {row.attestation_id: row for row in session.scalars(query.order_by(AttestationRevocation.revoked_at.desc()))}
