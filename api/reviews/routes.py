"""HTTP of reviews: open, reply, decide, settle; the list in which both sides see all of it; the calendar."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api import clock
from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, TenantSession, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.reviews import reading, service
from api.reviews.printing import review_out
from api.reviews.reading import Reviewed
from api.reviews.schemas import CalendarOut, DecisionIn, ReplyIn, ReviewIn, ReviewOut, SettlementIn
from api.submissions.service import read_sealed
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["reviews"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Reviewer = Annotated[Principal, Depends(require("reviews:write"))]
Replier = Annotated[Principal, Depends(require("reviews:reply"))]
Reader = Annotated[Principal, Depends(require("reviews:read"))]
Since = Annotated[AwareDatetime | None, Query(description="Only what was decided or replied from this moment on.")]
_BODY_PROBLEMS = ("malformed", "not_found", "conflict", "unsupported_media_type", "invalid")


@router.post(
    "/submissions/{id_}/reviews", status_code=201, openapi_extra=documented(ReviewIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def open_review(
    principal: Reviewer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    body: Annotated[ReviewIn, Depends(json_body(ReviewIn))],
) -> ReviewOut:  # fmt: skip
    """Open the review of a red line (asking investor, with an acting person): one that the scorecard shows, or another.

    The vendor reads the allegation at once and has 20 working days to reply, or more. Until it is decided the red line
    is under review and holds the printed band.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.open_review(session, principal, catalogue, id_, body)
        session.commit()
        return _read(session, principal, catalogue, made.review_id)


@router.get("/submissions/{id_}/reviews", responses=problem_docs("not_found", "invalid"))
def list_reviews_of_submission(
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID
) -> list[ReviewOut]:
    """Return all that was decided about a submission and replied: its two parties read the same."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        submission = read_sealed(session, principal, id_)
        return _out(session, catalogue, reading.reviews_about(session, submission))


@router.post(
    "/submissions/{id_}/settlements", status_code=201, openapi_extra=documented(SettlementIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def settle(
    principal: Reviewer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    body: Annotated[SettlementIn, Depends(json_body(SettlementIn))],
) -> ReviewOut:  # fmt: skip
    """Accept that a question does not apply, or that a contradiction is resolved; or withdraw that.

    By the asking investor, with an acting person and a reason; the vendor reads it.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.settle(session, principal, catalogue, id_, body)
        session.commit()
        return _read(session, principal, catalogue, made.review_id)


@router.get("/reviews", responses=problem_docs("invalid"))
def list_reviews(  # noqa: PLR0913, PLR0917  # whose, since when, and which page
    principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere,
    side: Literal["opened", "received"] = "opened", since: Since = None, limit: Limit = 50, after: After = None,
) -> Page[ReviewOut]:  # fmt: skip
    """List the reviews that one `opened`, or `received` as a vendor; newest first.

    To be told of every step, ask again with `since`: the greatest `changed_at` that you have seen.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(reading.list_reviews(session, principal, side, since, limit, after), limit)
        items = _out(session, catalogue, rows)
    return Page(items=items, next=str(items[-1].id) if more else None)


@router.get("/reviews/{id_}", responses=problem_docs("not_found", "invalid"))
def read_review(principal: Reader, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID) -> ReviewOut:
    """Return one review with all its decisions and replies."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _read(session, principal, catalogue, id_)


@router.post(
    "/reviews/{id_}:reply", openapi_extra=documented(ReplyIn), responses=problem_docs(*_BODY_PROBLEMS)
)  # fmt: skip
def reply_to_review(
    principal: Replier, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    body: Annotated[ReplyIn, Depends(json_body(ReplyIn))],
) -> ReviewOut:  # fmt: skip
    """Reply to an allegation (vendor), once; also after the last day to reply, as long as nothing is decided."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        opening = service.reply(session, principal, id_, body)
        session.commit()
        return _read(session, principal, catalogue, opening.review_id)


@router.post(
    "/reviews/{id_}:decide", openapi_extra=documented(DecisionIn), responses=problem_docs(*_BODY_PROBLEMS)
)  # fmt: skip
def decide_review(
    principal: Reviewer, sessions: SessionsHere, catalogue: CatalogueHere, id_: UUID,
    body: Annotated[DecisionIn, Depends(json_body(DecisionIn))],
) -> ReviewOut:  # fmt: skip
    """Confirm or dismiss a red line, or reopen its review (asking investor, with an acting person).

    Not before the vendor has replied or its last day to reply is over. A decision replaces the one before as a whole,
    and both stay to be read.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.decide(session, principal, id_, body)
        session.commit()
        return _read(session, principal, catalogue, made.review_id)


@router.get("/review-calendar", responses=problem_docs())
def read_review_calendar(principal: Reviewer, sessions: SessionsHere) -> CalendarOut:
    """Return the days that your organisation lists, besides weekends, as no working days."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return CalendarOut(holidays=list(service.read_holidays(session, principal)))


@router.put(
    "/review-calendar", openapi_extra=documented(CalendarOut),
    responses=problem_docs("malformed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def list_holidays(
    principal: Reviewer, sessions: SessionsHere, body: Annotated[CalendarOut, Depends(json_body(CalendarOut))]
) -> CalendarOut:
    """Put a list of days in the place of the one before. What vendors were told as their last day stays."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        holidays = list(service.list_holidays(session, principal, body.holidays))
        session.commit()
    return CalendarOut(holidays=holidays)


def _read(session: TenantSession, principal: Principal, catalogue: Catalogue, id_: UUID) -> ReviewOut:
    steps = reading.steps_of(session, principal, id_)
    (out,) = _out(session, catalogue, [Reviewed(steps, reading.replies_to(session, steps))])
    return out


def _out(session: TenantSession, catalogue: Catalogue, reviews: Sequence[Reviewed]) -> list[ReviewOut]:
    submissions, today = reading.submissions_of(session, reviews), clock.today()
    return [
        review_out(one, service.criteria_of(catalogue, submissions[one.steps[0].submission_id]), today)
        for one in reviews
    ]
