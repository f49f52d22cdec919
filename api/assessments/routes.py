"""HTTP of assessments: submitting (the scorecard is in the answer), grading, scorecards."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.assessments import service
from api.assessments.schemas import ScorecardOut, SubmittedOut
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.evidence import service as evidence_service
from api.evidence.schemas import GradingsIn, GradingsOut
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.submissions import service as submissions_service
from api.submissions.schemas import DeclarationIn
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["assessments"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]


@router.post(
    "/disclosure-requests/{request_id}/submission:submit", openapi_extra=documented(DeclarationIn),
    responses=problem_docs("malformed", "not_found", "sealed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def submit(
    principal: Annotated[Principal, Depends(require("answers:write"))],
    sessions: SessionsHere,
    catalogue: CatalogueHere,
    request_id: UUID,
    body: Annotated[DeclarationIn, Depends(json_body(DeclarationIn))],
) -> SubmittedOut:
    """Seal the draft. The issuer sees it from now on, and nobody can change it."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        sealed = submissions_service.seal(session, principal, catalogue, request_id, body).submission
        scorecard = service.scorecard_out(service.assess_submission(session, catalogue, sealed))
        session.commit()
    return SubmittedOut.model_validate({"submission": sealed.id, "sealed_at": sealed.sealed_at, "scorecard": scorecard})


@router.post(
    "/submissions/{id_}/gradings", status_code=201, openapi_extra=documented(GradingsIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def grade_evidence(
    principal: Annotated[Principal, Depends(require("gradings:write"))],
    sessions: SessionsHere,
    id_: UUID,
    body: Annotated[GradingsIn, Depends(json_body(GradingsIn))],
) -> GradingsOut:
    """Grade evidence of a sealed submission: V0 to V2 by the asking investor, up to V4 by an auditor with a grant."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        submission = submissions_service.read_sealed(session, principal, id_)
        granted = submissions_service.is_granted(session, principal, submission)
        name = submissions_service.name_of(submission)
        recorded = evidence_service.grade(session, principal, name, granted=granted, said=body)
        session.commit()
    return GradingsOut(recorded=recorded)


@router.get("/submissions/{id_}/scorecard", responses=problem_docs("not_found", "invalid"))
def read_scorecard(
    principal: Annotated[Principal, Depends(require("submissions:read"))],
    sessions: SessionsHere,
    catalogue: CatalogueHere,
    id_: UUID,
) -> ScorecardOut:
    """Assess a sealed submission as of today, with the evidence as graded now."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        submission = submissions_service.read_sealed(session, principal, id_)
        out = service.scorecard_out(service.assess_submission(session, catalogue, submission))
        submissions_service.note_reading(session, principal, submission.tenant_id, submission.id, "scorecard")
    return out
