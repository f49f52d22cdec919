"""The job that makes a copy's document, seals it and shows both in the registry.

Invariants: it shows nothing unless both consents stand when it commits; however often it runs, there is one entry and
one further document in the log; a document is sealed with the key that signed the statement, or there is none.
"""

from uuid import UUID

from sqlalchemy import select

from api import clock
from api.attesting.models import Attestation
from api.attesting.stamping import make_document
from api.audit.service import record
from api.db.session import Sessions, TenantSession, unit_of_work
from api.identity.identifiers import key_of_name
from api.ids import TenantId
from api.publication.levels import make_copy
from api.publication.models import PublicationConsent, RegistryEntry
from api.publication.service import take_turn
from api.settings import Settings
from api.transparency.service import enter
from attestations import in_toto
from attestations.record import statement_digest
from attestations.statement import read_day, read_instant
from attestations.transparency.entries import Document
from questionnaires.canonical import digest_bytes
from questionnaires.criteria import BANDS

BOTH = 2


def publish(sessions: Sessions, settings: Settings, *, tenant: UUID, publication: UUID) -> None:
    """Show a publication in the registry, unless it is there, or a party does not agree to it any more."""
    owner = TenantId(tenant)
    with unit_of_work(sessions, owner) as session:
        consent = _find(session, publication)
        if consent is None:
            return
        attestation = _attestation(session, consent)
        copied = make_copy(attestation.bundle, consent.level, consent.terms)
    made = make_document(copied, settings)
    with unit_of_work(sessions, owner) as session:
        take_turn(session, consent.attestation_id)
        if _find(session, publication) is None:
            return  # withdrawn meanwhile, or another run was first
        attestation = _attestation(session, consent)
        entry = _entry(consent, attestation, copied, None if made is None else made.pdf)
        session.add(entry)
        session.flush()
        if entry.pdf_digest is not None:
            enter(session, Document(statement=statement_digest(attestation.statement), document=entry.pdf_digest))
        record(session, None, "publication.publish", publication, after=digest_bytes(copied))
        session.commit()


def _find(session: TenantSession, publication: UUID) -> PublicationConsent | None:
    """Return one of two consents that stand and are not shown yet."""
    query = select(PublicationConsent).where(
        PublicationConsent.id == publication, PublicationConsent.agreed_at.is_not(None),
        PublicationConsent.withdrawn_at.is_(None),
    )  # fmt: skip
    standing = session.scalars(query).all()
    if len(standing) != BOTH or session.get(RegistryEntry, publication) is not None:
        return None
    return standing[0]


def _attestation(session: TenantSession, consent: PublicationConsent) -> Attestation:
    parties = (consent.tenant_id, consent.other_id)
    query = select(Attestation).where(Attestation.id == consent.attestation_id, Attestation.tenant_id.in_(parties))
    return session.scalars(query).one()


def _entry(consent: PublicationConsent, attestation: Attestation, copied: bytes, pdf: bytes | None) -> RegistryEntry:
    said = in_toto.parse(attestation.statement)
    assert said.status is not None
    return RegistryEntry(
        id=consent.id, published_at=clock.now(), withdrawn_at=None, attestation_id=attestation.id,
        issuer_id=attestation.tenant_id, respondent_id=attestation.respondent_id, issuer=said.issuer.name,
        respondent=said.respondent.name, respondent_key=key_of_name(said.respondent.name),
        statement=statement_digest(attestation.statement), issued_at=read_instant(said.issued_at),
        valid_until=read_day(said.valid_until), status_index=said.status.index, questionnaire_id=said.questionnaire.id,
        questionnaire_revision=said.questionnaire.revision, questionnaire_title=said.questionnaire.title,
        level=consent.level, band_rank=BANDS.index(said.result["company"]["band"]), result=said.result, bundle=copied,
        pdf=pdf, pdf_digest=None if pdf is None else digest_bytes(pdf),
    )  # fmt: skip
