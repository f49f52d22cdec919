"""HTTP of screening."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of, settings_of
from api.screening import service
from api.screening.models import Screening, ScreeningCandidate
from api.screening.schemas import (
    CandidateDecisionIn,
    CandidateOut,
    ListOut,
    ScreeningIn,
    ScreeningOut,
    ScreeningSettingIn,
    ScreeningSettingOut,
    UsedListOut,
)
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["screening"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Writer = Annotated[Principal, Depends(require("screenings:write"))]
Decider = Annotated[Principal, Depends(require("screenings:decide"))]
Reader = Annotated[Principal, Depends(require("screenings:read"))]
Allower = Annotated[Principal, Depends(require("screenings:allow"))]
RETRY_AFTER = "2"


@router.get("/screening-lists", responses=problem_docs())
def list_lists(
    principal: Annotated[Principal, Depends(require("catalogue:read"))], sessions: SessionsHere
) -> list[ListOut]:
    """List the lists that names are compared with, each as of its date."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return [
            ListOut(
                code=one.code, title=one.title, publisher=one.publisher, licence=one.licence, dated=one.dated,
                digest=one.digest, records=one.records,
            )
            for one in service.list_lists(session)
        ]  # fmt: skip


@router.post(
    "/submissions/{id_}/screenings", status_code=202, openapi_extra=documented(ScreeningIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def ask_for_screening(  # noqa: PLR0913, PLR0917  # who asks, with which settings, of what
    principal: Writer, sessions: SessionsHere, request: Request, response: Response, id_: UUID,
    body: Annotated[ScreeningIn, Depends(json_body(ScreeningIn))],
) -> ScreeningOut:  # fmt: skip
    """Have the names in a sealed submission compared with the lists: as the investor that asked, or as the vendor."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.ask(session, principal, settings_of(request), id_, outside=body.outside)
        session.commit()
    response.headers["Retry-After"] = RETRY_AFTER
    return _screening_out(made)


@router.get("/submissions/{id_}/screenings", responses=problem_docs("not_found", "invalid"))
def list_screenings(
    principal: Reader, sessions: SessionsHere, id_: UUID, limit: Limit = 50, after: After = None
) -> Page[ScreeningOut]:
    """List one's own screenings of a submission, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_screenings(session, principal, id_, limit, after), limit)
    return Page(items=[_screening_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/submissions/{id_}/confirmed-candidates", responses=problem_docs("not_found", "invalid"))
def list_confirmed(
    principal: Reader, sessions: SessionsHere, id_: UUID, limit: Limit = 50, after: After = None
) -> Page[CandidateOut]:
    """List what a person confirmed about one's own submission, with the reason (vendor)."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _page(service.list_confirmed(session, principal, id_, limit, after), limit)


@router.get("/screenings/{id_}", responses=problem_docs("not_found", "invalid"))
def read_screening(principal: Reader, sessions: SessionsHere, id_: UUID) -> ScreeningOut:
    """Return a screening: whether it is done, what failed, and which lists of which dates were looked through."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _screening_out(service.read(session, principal, id_))


@router.get("/screenings/{id_}/candidates", responses=problem_docs("not_found", "invalid"))
def list_candidates(
    principal: Reader, sessions: SessionsHere, id_: UUID, limit: Limit = 50, after: After = None
) -> Page[CandidateOut]:
    """List the candidates of a screening, the likest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _page(service.list_candidates(session, principal, id_, limit, after), limit)


@router.post(
    "/screenings/{id_}/candidates/{candidate_id}:confirm", openapi_extra=documented(CandidateDecisionIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def confirm_candidate(
    principal: Decider, sessions: SessionsHere, id_: UUID, candidate_id: UUID,
    body: Annotated[CandidateDecisionIn, Depends(json_body(CandidateDecisionIn))],
) -> CandidateOut:  # fmt: skip
    """Say, as the acting person, that the name means the record. The vendor sees it, with the reason."""
    return _decide(principal, sessions, id_, candidate_id, "confirmed", body)


@router.post(
    "/screenings/{id_}/candidates/{candidate_id}:dismiss", openapi_extra=documented(CandidateDecisionIn),
    responses=problem_docs("malformed", "not_found", "conflict", "unsupported_media_type", "invalid"),
)  # fmt: skip
def dismiss_candidate(
    principal: Decider, sessions: SessionsHere, id_: UUID, candidate_id: UUID,
    body: Annotated[CandidateDecisionIn, Depends(json_body(CandidateDecisionIn))],
) -> CandidateOut:  # fmt: skip
    """Say, as the acting person, that the name means somebody else."""
    return _decide(principal, sessions, id_, candidate_id, "dismissed", body)


@router.get("/screening-setting", responses=problem_docs())
def read_setting(principal: Reader, sessions: SessionsHere, request: Request) -> ScreeningSettingOut:
    """Return whether names may be sent to an outside service; no, unless it was chosen."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        outside = service.allows(session, tenant_of(principal))
    return ScreeningSettingOut(outside=outside, configured=settings_of(request).match_url is not None)


@router.put(
    "/screening-setting", openapi_extra=documented(ScreeningSettingIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def choose_setting(
    principal: Allower, sessions: SessionsHere, request: Request,
    body: Annotated[ScreeningSettingIn, Depends(json_body(ScreeningSettingIn))],
) -> ScreeningSettingOut:  # fmt: skip
    """Allow, or no longer allow, that names of one's own submissions and screenings are sent to an outside service."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        service.choose(session, principal, outside=body.outside)
        session.commit()
    return ScreeningSettingOut(outside=body.outside, configured=settings_of(request).match_url is not None)


def _decide(  # noqa: PLR0913, PLR0917  # who decides what about which, and why
    principal: Principal,
    sessions: Sessions,
    screening: UUID,
    id_: UUID,
    verdict: service.Verdict,
    body: CandidateDecisionIn,
) -> CandidateOut:
    with unit_of_work(sessions, tenant_of(principal)) as session:
        decided = service.decide(session, principal, screening, id_, verdict, body.reason)
        session.commit()
    return _candidate_out(decided)


def _page(rows: Sequence[ScreeningCandidate], limit: int) -> Page[CandidateOut]:
    shown, more = cut(rows, limit)
    return Page(items=[_candidate_out(row) for row in shown], next=str(shown[-1].id) if more else None)


def _screening_out(row: Screening) -> ScreeningOut:
    return ScreeningOut.model_validate(
        {
            "id": row.id, "submission": row.submission_id, "outside": row.outside, "state": row.state,
            "failure": row.failure, "matcher": row.matcher, "names": row.names, "asked_at": row.asked_at,
            "finished_at": row.finished_at, "lists": [UsedListOut.model_validate(one) for one in row.lists or []],
        }
    )  # fmt: skip


def _candidate_out(row: ScreeningCandidate) -> CandidateOut:
    return CandidateOut.model_validate(
        {
            "id": row.id, "screening": row.screening_id, "question": row.question, "row": row.row_id or None,
            "field": row.field, "name": row.name, "list": row.list_code, "list_title": row.list_title,
            "list_dated": row.list_dated, "list_digest": row.list_digest, "record": row.record, "matched": row.matched,
            "score": row.score, "state": row.state, "reason": row.reason, "decided_at": row.decided_at,
        }
    )  # fmt: skip
