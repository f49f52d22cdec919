"""What goes of publications where an organisation leaves, or a person's data are erased. Nothing here commits."""

from uuid import UUID

from sqlalchemy import select

from api import clock
from api.attesting.models import Attestation
from api.db.session import TenantSession
from api.ids import TenantId
from api.publication.models import PublicationConsent
from api.publication.service import end, take_turn
from attestations import in_toto


def end_all(session: TenantSession, tenant: TenantId) -> int:
    """Withdraw everything that an organisation agreed to publish; return how much there was."""
    return _end(session, tenant, _standing(session, tenant))


def end_naming(session: TenantSession, tenant: TenantId, person: str) -> int:
    """Withdraw every publication that names a person of this respondent as who declared; return how many."""
    naming = {}
    for id_, attestation in _standing(session, tenant).items():
        query = select(Attestation).where(Attestation.id == attestation, Attestation.respondent_id == tenant)
        found = session.scalars(query).one_or_none()
        if found is not None and in_toto.parse(found.statement).declaration.declared_by.name == person:
            naming[id_] = attestation
    return _end(session, tenant, naming)


def _end(session: TenantSession, tenant: TenantId, publications: dict[UUID, UUID]) -> int:
    for attestation in sorted(set(publications.values())):  # one order: each takes a lock
        take_turn(session, attestation)
    return end(session, tenant, list(publications), clock.now())


def _standing(session: TenantSession, tenant: TenantId) -> dict[UUID, UUID]:
    """Return the attestations of a party's publications that it agrees to, by the id of the publication."""
    query = select(PublicationConsent.id, PublicationConsent.attestation_id).where(
        PublicationConsent.tenant_id == tenant, PublicationConsent.withdrawn_at.is_(None)
    )
    return {row.id: row.attestation_id for row in session.execute(query)}
