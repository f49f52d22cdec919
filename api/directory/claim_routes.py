"""HTTP of claims. To start and to complete one takes no access token, as whoever claims has none."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.db.session import Sessions, unit_of_work
from api.directory import claims
from api.directory.resolving import Resolver
from api.directory.schemas import ClaimedOut, ClaimIn, ClaimOut, CompletionIn, JoinIn, MergedOut
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of, settings_of
from api.identity.clients import Registration
from api.identity.credentials import digest_of
from api.identity.routes import client_out, organisation_out
from api.identity.service import require_role
from api.limits import Limit, key_of_address, take
from api.tenancy import Principal, Role

router = APIRouter()
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
HOUR = 3600


def count_step(request: Request, sessions: SessionsHere) -> None:
    """Count a step of a claim by the address that it comes from."""
    most = settings_of(request).claims_per_hour
    with unit_of_work(sessions, None) as session:
        key = "claim:" + key_of_address(request.client.host if request.client else "")
        take(session, key, Limit(most / HOUR, max(1, round(most))))
        session.commit()


@router.post(
    "/v1/organisations/{organisation}/claims", status_code=202, openapi_extra=documented(ClaimIn),
    dependencies=[Depends(count_step)],
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def start_claim(
    organisation: UUID, request: Request, sessions: SessionsHere, body: Annotated[ClaimIn, Depends(json_body(ClaimIn))]
) -> ClaimOut:
    """Say to be an organisation that nobody runs yet, and how that will be proved. No access token is needed."""
    claim, token = claims.start(sessions, claims.Offer.of(settings_of(request)), organisation, body)
    return ClaimOut(
        id=claim.id, method=body.method, expires_at=claim.expires_at, token=token,
        record_name=None if token is None else claims.LABEL,
        record_value=None if token is None else claims.VALUE + digest_of(token),
    )  # fmt: skip


@router.post(
    "/v1/organisations/{organisation}/claims/{claim}:complete", status_code=201, openapi_extra=documented(CompletionIn),
    dependencies=[Depends(count_step)],
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def complete_claim(
    organisation: UUID, claim: UUID, request: Request, sessions: SessionsHere,
    body: Annotated[CompletionIn, Depends(json_body(CompletionIn))],
) -> ClaimedOut:  # fmt: skip
    """Prove a claim and run the organisation from now on; the secret of its first client is in the answer, once."""
    resolver: Resolver | None = request.app.state.resolver
    attempt = claims.Attempt(organisation, claim, body.token)
    asked = Registration(body.client.name, public_key=body.client.public_key)
    taken = claims.complete(sessions, resolver, attempt, asked)
    return ClaimedOut(
        organisation=organisation_out(taken.organisation), client=client_out(taken.client, taken.secret)
    )  # fmt: skip


def _join(organisation: UUID, claim: UUID, body: Annotated[JoinIn, Depends(json_body(JoinIn))]) -> claims.Attempt:
    return claims.Attempt(organisation, claim, body.token)


@router.post(
    "/v1/organisations/{organisation}/claims/{claim}:join", openapi_extra=documented(JoinIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def join_record(
    request: Request, sessions: SessionsHere, principal: Annotated[Principal, Depends(require("records:join"))],
    attempt: Annotated[claims.Attempt, Depends(_join)],
) -> MergedOut:  # fmt: skip
    """Prove a claim and have the record merged into one's own organisation, with the requests that wait there."""
    require_role(principal, Role.VENDOR)
    resolver: Resolver | None = request.app.state.resolver
    kept, moved = claims.join(sessions, resolver, attempt, principal)
    return MergedOut(organisation=organisation_out(kept), moved=moved)
