"""HTTP of re-scoring, and of the assessments that are kept."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.assessments import rescoring
from api.assessments.models import Rescoring, StoredAssessment
from api.assessments.schemas import CompanyOut, KeptOut, KeptResultOut, RescoringIn, RescoringOut
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["assessments"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Asker = Annotated[Principal, Depends(require("assessments:write"))]
Reader = Annotated[Principal, Depends(require("assessments:read"))]


@router.post(
    "/rescorings", status_code=202, openapi_extra=documented(RescoringIn),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def ask_for_rescoring(
    principal: Asker, sessions: SessionsHere, catalogue: Annotated[Catalogue, Depends(catalogue_of)],
    body: Annotated[RescoringIn, Depends(json_body(RescoringIn))],
) -> RescoringOut:  # fmt: skip
    """Have every sealed submission that you asked for scored under other criteria or another context.

    With an overlay of your own each is scored twice, under the criteria and under the overlay that lies on them.
    New assessments stand beside the old; nothing that was sealed, attested or kept before changes.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        run = rescoring.ask(session, principal, catalogue, body)
        session.commit()
    return _run_out(run)


@router.get("/rescorings", responses=problem_docs("invalid"))
def list_rescorings(
    principal: Reader, sessions: SessionsHere, limit: Limit = 50, after: After = None
) -> Page[RescoringOut]:
    """List your runs, newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(rescoring.list_runs(session, principal, limit, after), limit)
    return Page(items=[_run_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/rescorings/{id_}", responses=problem_docs("not_found", "invalid"))
def read_rescoring(principal: Reader, sessions: SessionsHere, id_: UUID) -> RescoringOut:
    """Return a run: how far it is."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _run_out(rescoring.read_run(session, principal, id_))


@router.get("/assessments", responses=problem_docs("not_found", "invalid"))
def list_assessments(  # noqa: PLR0913, PLR0917  # of what, and which page
    principal: Reader, sessions: SessionsHere,
    submission: Annotated[UUID | None, Query(description="Only those of a submission.")] = None,
    run: Annotated[UUID | None, Query(alias="rescoring", description="Only those of a run.")] = None,
    overlay: Annotated[
        str | None,
        Query(max_length=100, description="Those under an overlay (digest, id, id@revision); else the standard's."),
    ] = None,
    limit: Limit = 50, after: After = None,
) -> Page[KeptOut]:  # fmt: skip
    """List the assessments that you keep, newest first: those under the standard, or those under one overlay."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(rescoring.list_kept(session, principal, submission, run, overlay, limit, after), limit)
    return Page(items=[_out(row) for row in rows], next=str(rows[-1].id) if more else None)


@router.get("/assessments/{id_}", responses=problem_docs("not_found", "invalid"))
def read_assessment(principal: Reader, sessions: SessionsHere, id_: UUID) -> KeptResultOut:
    """Return an assessment that you keep, with its whole result."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = rescoring.read_kept(session, principal, id_)
    return KeptResultOut(**dict(_out(found)), result=found.result)


def _run_out(row: Rescoring) -> RescoringOut:
    return RescoringOut(
        id=row.id, criteria=row.criteria_digest, context=row.context_digest, asked_at=row.asked_at,
        assessed_on=row.assessed_on, scored=row.scored, passed_over=row.passed_over, done_at=row.done_at,
        overlay=row.overlay_digest,
    )  # fmt: skip


def _out(row: StoredAssessment) -> KeptOut:
    return KeptOut(
        id=row.id, submission=row.submission_id, respondent=row.respondent_id, rescoring=row.rescoring_id,
        questionnaire=row.questionnaire_digest, criteria=row.criteria_digest, context=row.context_digest,
        engine=row.engine, assessed_on=row.assessed_on, made_at=row.made_at, unconfirmed=row.unconfirmed,
        lost=row.lost, overlay=row.overlay_digest, result_digest=row.result_digest,
        company=CompanyOut.model_validate(row.result["company"]),
    )  # fmt: skip
