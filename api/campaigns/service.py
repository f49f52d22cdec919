"""Use cases of disclosure requests.

Invariants: issuing writes the request and the vendor's empty submission in one transaction; a request pins the digests
of its revisions; each side lists its own rows by its own column; a request counts as open from its issue until it is
closed, which happens once.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import select, update

from api import clock, ids
from api.audit.service import record
from api.campaigns.models import DisclosureRequest
from api.campaigns.schemas import RequestIn
from api.catalogue.service import Catalogue
from api.db.session import TenantSession, in_the_name_of
from api.http.paging import page_of
from api.identity.service import hold_organisation
from api.ids import TenantId
from api.problems import Flaw, Refusal, not_found
from api.quotas.service import count_closed, count_request
from api.settings import Settings
from api.tenancy import Principal, Role, tenant_of


class OpenSubmission(Protocol):
    """Opens the vendor's empty submission of a request, in the same transaction (wired by the application)."""

    def __call__(self, session: TenantSession, request: DisclosureRequest) -> None:
        """Write the submission's row."""


class Revisions(NamedTuple):
    """The digests that a request pins."""

    questionnaire_id: str
    questionnaire: str
    criteria_id: str
    criteria: str
    context: str


def issue(  # noqa: PLR0913, PLR0917  # who, what, with which means
    session: TenantSession,
    principal: Principal,
    settings: Settings,
    catalogue: Catalogue,
    asked: RequestIn,
    open_submission: OpenSubmission,
) -> DisclosureRequest:
    """Issue a disclosure request to a vendor; refuse with every problem of what was asked."""
    revisions, flaws = _revisions(catalogue, asked)
    if asked.due_on < clock.today():
        flaws.append(Flaw("/due_on", "past", "Choose today or a later day."))
    respondent = asked.respondent
    try:
        respondent = hold_organisation(session, respondent, Role.VENDOR).id
    except Refusal:
        flaws.append(Flaw("/respondent", "unknown_vendor", "Name an organisation that has the role vendor."))
    if respondent == tenant_of(principal):
        flaws.append(Flaw("/respondent", "oneself", "An organisation cannot ask itself."))
    if flaws or revisions is None:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    request = DisclosureRequest(
        tenant_id=tenant_of(principal), id=ids.uuid7(), respondent_id=respondent, submission_id=ids.uuid7(),
        questionnaire_id=revisions.questionnaire_id, questionnaire_digest=revisions.questionnaire,
        criteria_id=revisions.criteria_id, criteria_digest=revisions.criteria, context_digest=revisions.context,
        issued_at=clock.now(), due_on=asked.due_on, note=asked.note, is_open=True,
    )  # fmt: skip
    session.add(request)
    session.flush()
    open_submission(session, request)
    count_request(session, tenant_of(principal), settings)
    record(session, principal, "request.issue", request.id)
    return request


def close(session: TenantSession, issuer: TenantId, requests: Collection[UUID]) -> None:
    """Say, in their issuer's name, that requests are open no longer; what is closed already is not counted again."""
    with in_the_name_of(session, issuer):
        query = update(DisclosureRequest).where(
            DisclosureRequest.tenant_id == issuer, DisclosureRequest.id.in_(requests), DisclosureRequest.is_open
        )
        closed = session.scalars(query.values(is_open=False).returning(DisclosureRequest.id)).all()
        if closed:
            count_closed(session, issuer, len(closed))


def read_request(session: TenantSession, principal: Principal, id_: UUID) -> DisclosureRequest:
    """Return a request that the caller issued or received."""
    me = tenant_of(principal)
    query = select(DisclosureRequest).where(DisclosureRequest.id == id_)
    for own in (DisclosureRequest.tenant_id == me, DisclosureRequest.respondent_id == me):
        request = session.scalars(query.where(own)).one_or_none()
        if request is not None:
            return request
    raise not_found()


def list_issued(
    session: TenantSession, principal: Principal, limit: int, after: UUID | None
) -> Sequence[DisclosureRequest]:
    """Return a page of the requests that the caller issued, and one row more where another page follows."""
    query = select(DisclosureRequest).where(DisclosureRequest.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, DisclosureRequest.id, limit, after)).all()


def list_received(
    session: TenantSession, principal: Principal, limit: int, after: UUID | None
) -> Sequence[DisclosureRequest]:
    """Return a page of the requests that the caller received, and one row more where another page follows."""
    query = select(DisclosureRequest).where(DisclosureRequest.respondent_id == tenant_of(principal))
    return session.scalars(page_of(query, DisclosureRequest.id, limit, after)).all()


def _revisions(catalogue: Catalogue, asked: RequestIn) -> tuple[Revisions | None, list[Flaw]]:
    flaws: list[Flaw] = []
    hint = "Name a revision of the catalogue by digest, id or id@revision."
    questionnaire = catalogue.questionnaire(asked.questionnaire)
    context = catalogue.context(asked.context)
    criteria = None
    if questionnaire is None:
        flaws.append(Flaw("/questionnaire", "unknown_revision", hint))
    else:
        criteria = catalogue.criteria_for(asked.criteria or catalogue.criteria_of(questionnaire[1]))
        if criteria is None or criteria[1].questionnaire != questionnaire[1].id:
            flaws.append(Flaw("/criteria", "unknown_revision", hint + " It must be made for the questionnaire."))
    if context is None:
        flaws.append(Flaw("/context", "unknown_revision", hint))
    if flaws or questionnaire is None or criteria is None or context is None:
        return None, flaws
    return Revisions(questionnaire[1].id, questionnaire[0], criteria[1].id, criteria[0], context[0]), flaws


def erase_notes(session: TenantSession, tenant: TenantId) -> int:
    """Empty the notes of the requests that an organisation issued; return how many there were. Commits nothing."""
    query = update(DisclosureRequest).where(DisclosureRequest.tenant_id == tenant, DisclosureRequest.note != "")
    return len(session.scalars(query.values(note="").returning(DisclosureRequest.id)).all())
