"""Use cases of publications, for the two parties of an attestation.

Invariants: nothing is published before both parties have agreed to the same terms; each ends it alone, whenever it
likes, and what was shown is gone from the registry in the same transaction; a proposal never changes, another one is
made. All acts on one attestation take turns.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, update

from api import clock, ids
from api.attesting.models import Attestation
from api.attesting.revoking import find_revocation
from api.attesting.service import read_attestation
from api.audit.service import record
from api.db.session import TenantSession
from api.http.paging import page_of
from api.jobs.queue import enqueue
from api.problems import Refusal, not_found
from api.publication.levels import find_flaws, make_copy, terms_of
from api.publication.models import PublicationConsent, RegistryEntry
from api.publication.schemas import PublicationIn
from api.tenancy import Principal, tenant_of

TASK = "publication.publish"
MOST = 20
"""Publications of one attestation, ended ones included: each adds a document to its record, which is bounded."""


class Publication(NamedTuple):
    """A proposal, what the other party said to it, and when the registry showed it, if it did."""

    proposal: PublicationConsent
    answer: PublicationConsent | None
    published_at: datetime | None

    @property
    def withdrawn(self) -> PublicationConsent | None:
        """The consent that was withdrawn first, if one was."""
        ended = [one for one in (self.proposal, self.answer) if one is not None and one.withdrawn_at is not None]
        return min(ended, key=lambda one: one.withdrawn_at or clock.now(), default=None)

    @property
    def state(self) -> str:
        """How it stands: `proposed`, `agreed`, `published` or `withdrawn`."""
        if self.withdrawn is not None:
            return "withdrawn"
        if self.answer is None:
            return "proposed"
        return "agreed" if self.published_at is None else "published"


def propose(session: TenantSession, principal: Principal, attestation_id: UUID, asked: PublicationIn) -> Publication:
    """Propose to the other party of an attestation to publish it."""
    attestation = _own(session, principal, attestation_id)
    take_turn(session, attestation.id)
    _require_publishable(session, attestation)
    _require_room(session, attestation)
    flaws = find_flaws(attestation.bundle, asked)
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    me = tenant_of(principal)
    made = PublicationConsent(
        tenant_id=me, id=ids.uuid7(), attestation_id=attestation.id, proposed=True, level=asked.level,
        other_id=attestation.respondent_id if me == attestation.tenant_id else attestation.tenant_id,
        terms=terms_of(asked), agreed_at=clock.now(), withdrawn_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, principal, "publication.propose", made.id)
    return Publication(made, None, None)


def agree(session: TenantSession, principal: Principal, id_: UUID) -> Publication:
    """Agree to the proposal of the other party, which is published then; a second time changes nothing."""
    found = read(session, principal, id_)
    take_turn(session, found.proposal.attestation_id)
    found = read(session, principal, id_)
    if found.proposal.tenant_id == tenant_of(principal):
        raise Refusal("conflict", "The other party agrees to what you proposed, or proposes something else.")
    if found.withdrawn is not None:
        raise Refusal("conflict", "It was withdrawn. Propose anew.")
    if found.answer is not None:
        return found
    _require_publishable(session, _own(session, principal, found.proposal.attestation_id))
    answer = _answer(principal, found.proposal, agreed_at=clock.now())
    session.add(answer)
    session.flush()
    enqueue(session, TASK, tenant=answer.tenant_id, publication=id_)
    record(session, principal, "publication.agree", id_)
    return Publication(found.proposal, answer, None)


def withdraw(session: TenantSession, principal: Principal, id_: UUID) -> Publication:
    """End a publication, or decline a proposal: at once and for good; a second time changes nothing."""
    found = read(session, principal, id_)
    take_turn(session, found.proposal.attestation_id)
    found = read(session, principal, id_)
    if found.withdrawn is not None:
        return found
    at, mine = clock.now(), tenant_of(principal)
    if found.proposal.tenant_id != mine and found.answer is None:
        session.add(_answer(principal, found.proposal, withdrawn_at=at))
        session.flush()
    else:
        end(session, mine, [id_], at)
    record(session, principal, "publication.withdraw", id_)
    return read(session, principal, id_)


def end(session: TenantSession, party: UUID, publications: Sequence[UUID], at: datetime) -> int:
    """Withdraw a party's consents and empty what the registry shows by them; return how many. Commits nothing."""
    own = (PublicationConsent.tenant_id == party, PublicationConsent.id.in_(publications))
    query = update(PublicationConsent).where(*own, PublicationConsent.withdrawn_at.is_(None)).values(withdrawn_at=at)
    ended = session.scalars(query.returning(PublicationConsent.id)).all()
    kept = {"id", "published_at", "withdrawn_at"}
    emptied = {column.name: None for column in RegistryEntry.__table__.columns if column.name not in kept}
    shown = update(RegistryEntry).where(RegistryEntry.id.in_(ended), RegistryEntry.withdrawn_at.is_(None))
    session.execute(shown.values(**emptied, withdrawn_at=at))
    session.flush()
    return len(ended)


def read(session: TenantSession, principal: Principal, id_: UUID) -> Publication:
    """Return a publication of which the caller is a party, as the database has it now."""
    me = tenant_of(principal)
    for own in (PublicationConsent.tenant_id == me, PublicationConsent.other_id == me):
        query = select(PublicationConsent).where(PublicationConsent.id == id_, PublicationConsent.proposed, own)
        proposal = session.scalars(query, execution_options={"populate_existing": True}).one_or_none()
        if proposal is not None:
            return _complete(session, [proposal])[0]
    raise not_found()


def list_publications(
    session: TenantSession, principal: Principal, side: str, limit: int, after: UUID | None
) -> list[Publication]:
    """Return a page of the publications that the caller `proposed` or `received`; and one more."""
    me = tenant_of(principal)
    own = PublicationConsent.tenant_id == me if side == "proposed" else PublicationConsent.other_id == me
    query = select(PublicationConsent).where(own, PublicationConsent.proposed)
    return _complete(session, session.scalars(page_of(query, PublicationConsent.id, limit, after)).all())


def copy_for(session: TenantSession, principal: Principal, id_: UUID) -> bytes:
    """Return the bundle that a publication shows, for a party to look at before it agrees."""
    proposal = read(session, principal, id_).proposal
    attestation = _own(session, principal, proposal.attestation_id)
    return make_copy(attestation.bundle, proposal.level, proposal.terms)


def take_turn(session: TenantSession, attestation: UUID) -> None:
    """Wait until nobody else publishes or withdraws the attestation; the turn ends with the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"publication:{attestation}", 0))))


def _complete(session: TenantSession, proposals: Sequence[PublicationConsent]) -> list[Publication]:
    wanted = [proposal.id for proposal in proposals]
    parties = {proposal.other_id for proposal in proposals}
    answers = select(PublicationConsent).where(
        PublicationConsent.tenant_id.in_(parties), PublicationConsent.id.in_(wanted), ~PublicationConsent.proposed
    )
    answered = {one.id: one for one in session.scalars(answers, execution_options={"populate_existing": True})}
    shown = select(RegistryEntry.id, RegistryEntry.published_at).where(RegistryEntry.id.in_(wanted))
    published = {row.id: row.published_at for row in session.execute(shown)}
    return [Publication(one, answered.get(one.id), published.get(one.id)) for one in proposals]


def _answer(
    principal: Principal, proposal: PublicationConsent, agreed_at: datetime | None = None,
    withdrawn_at: datetime | None = None,
) -> PublicationConsent:  # fmt: skip
    return PublicationConsent(
        tenant_id=tenant_of(principal), id=proposal.id, attestation_id=proposal.attestation_id, proposed=False,
        other_id=proposal.tenant_id, level=proposal.level, terms=proposal.terms, agreed_at=agreed_at,
        withdrawn_at=withdrawn_at,
    )  # fmt: skip


def _own(session: TenantSession, principal: Principal, id_: UUID) -> Attestation:
    attestation, me = read_attestation(session, principal, id_), tenant_of(principal)
    if me not in {attestation.tenant_id, attestation.respondent_id}:
        raise Refusal("forbidden", "Only its two parties publish an attestation.")
    return attestation


def _require_publishable(session: TenantSession, attestation: Attestation) -> None:
    if attestation.tenant_id == attestation.respondent_id:
        raise Refusal("conflict", "What an organisation attests of itself is not published here.")
    if attestation.pdf_digest is None:
        raise Refusal("conflict", "Its document is not made yet. Come again when it is.")
    if attestation.status_index is None:
        raise Refusal("conflict", "It is of an older version, which cannot be shown in part. Attest anew.")
    if find_revocation(session, attestation) is not None:
        raise Refusal("conflict", "It is revoked.")


def _require_room(session: TenantSession, attestation: Attestation) -> None:
    """Refuse where a publication is under way, or where there were too many."""
    parties = (attestation.tenant_id, attestation.respondent_id)
    query = select(PublicationConsent).where(
        PublicationConsent.tenant_id.in_(parties), PublicationConsent.attestation_id == attestation.id,
        PublicationConsent.proposed,
    )  # fmt: skip
    before = _complete(session, session.scalars(query).all())
    if any(one.withdrawn is None for one in before):
        raise Refusal("conflict", "One is proposed or published already: agree to it, or withdraw it first.")
    if len(before) >= MOST:
        raise Refusal("conflict", f"It was proposed {MOST} times. Attest anew.")
