"""HTTP of publications, for the parties of an attestation."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.db.session import Sessions, unit_of_work
from api.evidence.schemas import AboutIn
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.publication import service
from api.publication.schemas import PublicationIn, PublicationOut
from api.publication.service import Publication
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["publications"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Publisher = Annotated[Principal, Depends(require("publications:write"))]
Reader = Annotated[Principal, Depends(require("publications:read"))]
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(
    "/attestations/{id_}/publications", status_code=201, openapi_extra=documented(PublicationIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def propose_publication(
    principal: Publisher, sessions: SessionsHere, id_: UUID,
    body: Annotated[PublicationIn, Depends(json_body(PublicationIn))],
) -> PublicationOut:  # fmt: skip
    """Propose to publish an attestation, or a part of it; it is public once the other party agrees to exactly that."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.propose(session, principal, id_, body)
        session.commit()
    return _out(made)


@router.get("/publications", responses=problem_docs("invalid"))
def list_publications(
    principal: Reader, sessions: SessionsHere,
    side: Literal["proposed", "received"] = "received", limit: Limit = 50, after: After = None,
) -> Page[PublicationOut]:  # fmt: skip
    """List the publications that one proposed, or that the other party did; newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found, more = cut(service.list_publications(session, principal, side, limit, after), limit)
    items = [_out(one) for one in found]
    return Page(items=items, next=str(items[-1].id) if more else None)


@router.get("/publications/{id_}", responses=problem_docs("not_found", "invalid"))
def read_publication(principal: Reader, sessions: SessionsHere, id_: UUID) -> PublicationOut:
    """Return a publication: what is shown, and how it stands."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _out(service.read(session, principal, id_))


@router.get("/publications/{id_}/bundle", response_model=None, responses=problem_docs("not_found", "invalid") | _JSON)
def read_publication_bundle(principal: Reader, sessions: SessionsHere, id_: UUID) -> Response:
    """Return the copy that is, or would be, published: look at it before you agree."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        copied = service.copy_for(session, principal, id_)
    return Response(copied, media_type="application/json")


@router.post("/publications/{id_}:agree", responses=problem_docs("not_found", "conflict", "invalid"))
def agree_to_publication(principal: Publisher, sessions: SessionsHere, id_: UUID) -> PublicationOut:
    """Agree to what the other party proposed: the registry shows it within seconds."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.agree(session, principal, id_)
        session.commit()
    return _out(found)


@router.post("/publications/{id_}:withdraw", responses=problem_docs("not_found", "invalid"))
def withdraw_publication(principal: Publisher, sessions: SessionsHere, id_: UUID) -> PublicationOut:
    """End a publication, or decline a proposal; either party does so alone. What was downloaded stays downloaded."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.withdraw(session, principal, id_)
        session.commit()
    return _out(found)


def _out(found: Publication) -> PublicationOut:
    proposal, ended, terms = found.proposal, found.withdrawn, found.proposal.terms
    said: dict[str, Any] = {
        "id": proposal.id, "attestation": proposal.attestation_id, "proposed_by": proposal.tenant_id,
        "other": proposal.other_id, "level": proposal.level, "sections": terms["sections"], "names": terms["names"],
        "withheld": [AboutIn(question=question, row=row or None) for question, row in terms["withheld"]],
        "state": found.state, "proposed_at": proposal.agreed_at,
        "agreed_at": None if found.answer is None else found.answer.agreed_at,
        "withdrawn_at": None if ended is None else ended.withdrawn_at,
        "withdrawn_by": None if ended is None else ended.tenant_id,
        "address": None if found.published_at is None else f"/v1/registry/{proposal.id}",
    }  # fmt: skip
    return PublicationOut.model_validate(said)
