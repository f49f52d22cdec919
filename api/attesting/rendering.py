"""The job that renders an attestation's document, seals it and adds it.

Invariant: whatever happens between attesting and the document, and however often this runs, the attestation gets
exactly one document: the file is kept first, and only the first run to end names it. Who signed the statement seals the
document, or nobody does.
"""

import logging
from uuid import UUID

from sqlalchemy import select, update

from api.attesting.models import Attestation
from api.attesting.stamping import make_document
from api.audit.service import record
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence.files import open_files
from api.ids import TenantId
from api.quotas.service import keep_file
from api.settings import Settings
from api.transparency.service import enter
from api.transparency.status import set_status
from attestations.record import statement_digest
from attestations.statement import format_instant
from attestations.status_list import AttestationStatus
from attestations.transparency.entries import Issue, Supersede
from questionnaires.canonical import Digest

log = logging.getLogger(__name__)


def render(sessions: Sessions, settings: Settings, *, tenant: UUID, attestation: UUID) -> None:
    """Render and seal the document of an attestation, unless it has one."""
    owner = TenantId(tenant)
    with unit_of_work(sessions, owner) as session:
        found = session.get(Attestation, (tenant, attestation))
        if found is None or found.pdf_digest is not None:
            return
        bundle = found.bundle
    made = make_document(bundle, settings)
    if made is None:
        log.warning(
            "attestation %s was signed before the signer changed; it is attested anew when asked for", attestation
        )
        return
    with unit_of_work(sessions, owner) as session:
        digest = keep_file(session, open_files(settings), owner, made.pdf, document=True)
        named = session.execute(
            update(Attestation)
            .where(Attestation.tenant_id == tenant, Attestation.id == attestation, Attestation.pdf_digest.is_(None))
            .values(pdf_digest=digest, pdf_size=len(made.pdf), sealed_at=made.sealed_at)
            .returning(Attestation.id)
        )
        if named.one_or_none() is None:
            return  # another run was first, and its document is the one that counts
        enter_in_log(session, owner, attestation, digest)
        record(session, None, "attestation.render", attestation, after=digest)
        session.commit()


def enter_in_log(session: TenantSession, owner: TenantId, attestation: UUID, document: Digest) -> None:
    """Enter the issue, and that it takes the place of the one before about the same submission."""
    new = session.get_one(Attestation, (owner, attestation))
    enter(session, Issue(statement=statement_digest(new.statement), document=document))
    query = select(Attestation).where(
        Attestation.tenant_id == owner, Attestation.submission_id == new.submission_id,
        Attestation.id < attestation, Attestation.pdf_digest.is_not(None),
    )  # fmt: skip
    before = session.scalars(query.order_by(Attestation.id.desc()).limit(1)).one_or_none()
    if before is not None:
        _supersede(session, before, new)


def _supersede(session: TenantSession, before: Attestation, by: Attestation) -> None:
    """Have the log and the status list say that one attestation took another's place."""
    old, new = statement_digest(before.statement), statement_digest(by.statement)
    enter(session, Supersede(statement=old, by=new, at=format_instant(by.issued_at)))
    if before.status_index is not None:
        set_status(session, before.status_index, AttestationStatus.SUPERSEDED)
