"""HTTP of assessments: submitting (the scorecard is in the answer), grading, scorecards."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.assessments import details, service, sides
from api.assessments.schemas import ComparisonOut, DetailsIn, ScorecardOut, SubmittedOut
from api.assessments.side_schemas import OverlayResultsOut
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.evidence import service as evidence_service
from api.evidence.schemas import GradingsIn, GradingsOut
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.problems import Refusal
from api.submissions import service as submissions_service
from api.submissions.schemas import DeclarationIn
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["assessments"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reader = Annotated[Principal, Depends(require("submissions:read"))]


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
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    asked: Annotated[DetailsIn, Query()],
) -> ScorecardOut:  # fmt: skip
    """Assess a sealed submission as of today, with the evidence as graded and the red lines as decided now.

    What takes longer comes on request: the tree of reasons, the smallest sets of practices that would bring a
    deployment to a better band, and how firm its band is under other weights.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        submission = submissions_service.read_sealed(session, principal, id_)
        assessment = service.assess_submission(session, catalogue, submission)
        submissions_service.note_reading(session, principal, submission.tenant_id, submission.id, "scorecard")
    return service.scorecard_out(assessment).model_copy(update=details.details_out(assessment, asked))


@router.get("/submissions/{id_}/overlay-results", responses=problem_docs("not_found", "invalid"))
def read_overlay_results(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    overlay: Annotated[str, Query(max_length=100, description="One's own overlay: a digest, an id or id@revision.")],
) -> OverlayResultsOut:  # fmt: skip
    """Assess a sealed submission under standard criteria and under one's own overlay on them, side by side.

    Both are as of today, with the evidence as graded now. Attestations are of the standard alone, and the vendor sees
    neither the overlay nor what it gives.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        submission = submissions_service.read_sealed(session, principal, id_)
        both = sides.compare_sides(session, principal, catalogue, submission, overlay)
        submissions_service.note_reading(session, principal, submission.tenant_id, submission.id, "scorecard")
    return both


@router.get("/submissions/{id_}/comparison", responses=problem_docs("not_found", "invalid"))
def compare_submissions(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    with_: Annotated[UUID, Query(alias="with", description="The earlier submission of the same vendor.")],
) -> ComparisonOut:  # fmt: skip
    """Tell what moved from an earlier submission to this one: by method, by context, by time, by answers.

    Both are assessed as of today, each under the revisions it was sealed with; the moves add up to the difference.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        after, before = (submissions_service.read_sealed(session, principal, one) for one in (id_, with_))
        if before.tenant_id != after.tenant_id:
            raise Refusal("invalid", "Compare two submissions of one vendor.")
        assessed = [service.assess_submission(session, catalogue, one) for one in (before, after)]
        for one in (before, after):
            submissions_service.note_reading(session, principal, one.tenant_id, one.id, "scorecard")
    cases = [service.case_of(one.submission, one.inputs) for one in assessed]
    return ComparisonOut(before=with_, after=id_, moves=details.moves_out(cases[0], cases[1]))
