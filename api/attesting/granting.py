"""Use cases of grants of attestations.

Invariants: only the vendor of whom an attestation speaks grants it, though the row is the investor's; a grant shows
that attestation as it was published, and of the submission nothing; every reading by a grantee is told to the vendor
before the bytes leave.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.attesting.models import Attestation
from api.attesting.schemas import AttestationGrantIn
from api.attesting.service import read_attestation
from api.audit.service import record
from api.db.session import TenantSession
from api.grants.service import check_grantee
from api.http.paging import page_of
from api.identity.models import Organisation
from api.problems import Flaw, Refusal
from api.submissions import service as submissions
from api.submissions.models import AccessGrant, AccessRecord
from api.tenancy import Principal, Role, tenant_of

PUBLISHED = "published"
READERS = frozenset({Role.INVESTOR, Role.AUDITOR})


def make(session: TenantSession, principal: Principal, attestation_id: UUID, asked: AttestationGrantIn) -> AccessGrant:
    """Let another investor, or an auditor, read an attestation that speaks of the caller."""
    attestation = _own(session, principal, attestation_id, "Only the vendor of whom it speaks grants access.")
    grantee, flaws = check_grantee(session, attestation.respondent_id, asked.grantee, asked.expires_at)
    flaws += _reader_flaws(attestation, grantee)
    if flaws or grantee is None:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    made = AccessGrant(
        tenant_id=attestation.respondent_id, id=ids.uuid7(), submission_id=attestation.submission_id,
        attestation_tenant_id=attestation.tenant_id, attestation_id=attestation.id, grantee_id=grantee.id,
        purpose=asked.purpose, level=PUBLISHED, shown=None, granted_at=clock.now(), expires_at=asked.expires_at,
        revoked_at=None, made_by=submissions.VENDOR,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, principal, "grant.make", made.id)
    return made


def note_reading(
    session: TenantSession,
    principal: Principal,
    attestation: Attestation,
    what: Literal["pdf", "bundle", "countersignatures"],
) -> None:
    """Tell the vendor that a grantee reads an attestation; commits. The investor reads what is its own."""
    if tenant_of(principal) != attestation.tenant_id:
        owner, submission = attestation.respondent_id, attestation.submission_id
        submissions.note_reading(session, principal, owner, submission, what, attestation.id)


def list_readings(
    session: TenantSession, principal: Principal, attestation_id: UUID, limit: int, after: UUID | None
) -> Sequence[AccessRecord]:
    """Return a page of who read an attestation that speaks of the caller, and one row more."""
    attestation = _own(session, principal, attestation_id, "Only the vendor of whom it speaks sees who read it.")
    query = select(AccessRecord).where(
        AccessRecord.tenant_id == attestation.respondent_id,
        AccessRecord.submission_id == attestation.submission_id,
        AccessRecord.attestation_id == attestation.id,
    )
    return session.scalars(page_of(query, AccessRecord.id, limit, after)).all()


def _own(session: TenantSession, principal: Principal, id_: UUID, refusal: str) -> Attestation:
    attestation = read_attestation(session, principal, id_)
    if attestation.respondent_id != tenant_of(principal):
        raise Refusal("forbidden", refusal)
    return attestation


def _reader_flaws(attestation: Attestation, grantee: Organisation | None) -> list[Flaw]:
    if grantee is None or grantee.id == attestation.respondent_id:
        return []
    if grantee.id == attestation.tenant_id:
        return [Flaw("/grantee", "has_it", "The investor that asked has its attestation already.")]
    if READERS.isdisjoint(grantee.roles):
        return [Flaw("/grantee", "role", "Name an investor or an auditor.")]
    return []
