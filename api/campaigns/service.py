"""Use cases of disclosure requests.

Invariants: what is asked can be scored by the criteria that a request pins; issuing writes the request and the vendor's
empty submission in one transaction; a request pins the digests of its revisions; each side lists its own rows by its
own column; a request counts as open from its issue until it is closed, which happens once.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import select, update

from api import clock, ids
from api.audit.service import record
from api.campaigns.models import DisclosureRequest
from api.campaigns.schemas import RequestIn
from api.catalogue.compiled import CompiledQuestionnaire
from api.catalogue.service import Catalogue
from api.contexts.service import find_context
from api.db.session import TenantSession, in_the_name_of
from api.definitions.reading import find
from api.http.paging import page_of
from api.identity.service import hold_organisation
from api.ids import TenantId
from api.problems import Flaw, Refusal, not_found
from api.quotas.service import count_closed, count_request
from api.settings import Settings
from api.tenancy import Principal, Role, tenant_of
from questionnaires.canonical import Digest
from questionnaires.criteria import Criteria

MOST_MISFITS = 20
_HINT = "Name a revision that you can read by digest, id or id@revision."
_NOT_SCORED = (
    "No criteria read this questionnaire. Build it on a shipped one: `derived_from` with that one's digest and the "
    "relation `extends`. What merely complies with another, or extends one of your own, cannot be asked yet."
)


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
    revisions, flaws = _revisions(session, principal, catalogue, asked)
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


def _revisions(
    session: TenantSession, principal: Principal, catalogue: Catalogue, asked: RequestIn
) -> tuple[Revisions | None, list[Flaw]]:
    flaws: list[Flaw] = []
    questionnaire = find(session, principal, catalogue, asked.questionnaire)
    context = find_context(session, catalogue, asked.context)
    criteria = None
    if questionnaire is None:
        flaws.append(Flaw("/questionnaire", "unknown_revision", _HINT))
    else:
        criteria, flaws = _scored(catalogue, questionnaire, asked.criteria)
    if context is None:
        flaws.append(Flaw("/context", "unknown_revision", _HINT))
    if flaws or questionnaire is None or criteria is None or context is None:
        return None, flaws
    named, scored = questionnaire.questionnaire.id, criteria[1].id
    return Revisions(named, questionnaire.digest, scored, criteria[0], context[0]), flaws


def _scored(
    catalogue: Catalogue, questionnaire: CompiledQuestionnaire, named: str | None
) -> tuple[tuple[Digest, Criteria] | None, list[Flaw]]:
    """Return the criteria that score a questionnaire, the newest that can unless named; or what stands against it."""
    base = catalogue.base_of(questionnaire)
    if base is None:
        return None, [Flaw("/questionnaire", "not_scored", _NOT_SCORED)]
    made = catalogue.criteria_of(base)
    if named is None:
        fitting = (one for one in made if not catalogue.misfits(questionnaire, one[0]))
        return next(fitting, None), []
    found = catalogue.criteria_for(named)
    if found is None or found[0] not in {digest for digest, _ in made}:
        detail = _HINT + " It must be made for the questionnaire, or for the one that it extends."
        return None, [Flaw("/criteria", "unknown_revision", detail)]
    misfits = catalogue.misfits(questionnaire, found[0])[:MOST_MISFITS]
    return found, [Flaw("/criteria", "unfit", f"{problem}; choose criteria that fit.") for problem in misfits]


def erase_notes(session: TenantSession, tenant: TenantId) -> int:
    """Empty the notes of the requests that an organisation issued; return how many there were. Commits nothing."""
    query = update(DisclosureRequest).where(DisclosureRequest.tenant_id == tenant, DisclosureRequest.note != "")
    return len(session.scalars(query.values(note="").returning(DisclosureRequest.id)).all())
