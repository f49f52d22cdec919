"""HTTP of break-glass: ask, approve, read, end; and the list in which the owner sees all of it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import select

from api.break_glass import service
from api.break_glass.schemas import AccessIn, AccessOut
from api.db.session import Sessions, TenantSession, unit_of_work
from api.evidence import service as evidence_service
from api.evidence.schemas import EvidenceOut
from api.evidence.service import SubmissionName
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import Page
from api.identity.access import require, sessions_of
from api.problems import not_found
from api.submissions.models import BreakGlassAccess, Submission
from api.submissions.routes import FilesHere, evidence_out, file_response, submission_out
from api.submissions.schemas import SubmissionOut
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1/break-glass-accesses", tags=["break-glass"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
User = Annotated[Principal, Depends(require("break-glass:use"))]
Approver = Annotated[Principal, Depends(require("break-glass:approve"))]
Reader = Annotated[Principal, Depends(require("break-glass:read"))]
Ender = Annotated[Principal, Depends(require("break-glass:end"))]
Since = Annotated[
    AwareDatetime | None, Query(description="Only what was asked for, approved, read or ended from this moment on.")
]
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}


@router.post(
    "", status_code=201, openapi_extra=documented(AccessIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def request_access(
    principal: User, sessions: SessionsHere, body: Annotated[AccessIn, Depends(json_body(AccessIn))]
) -> AccessOut:
    """Ask to read a sealed submission, or one piece of its evidence (operator). A second person must approve.

    The organisation whose it is sees the request at once, with the reason and the person.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        made = service.request(session, principal, body)
        session.commit()
    return _out(made, [])


@router.get("", responses=problem_docs("invalid"))
def list_accesses(  # noqa: PLR0913, PLR0917  # whose, since when, and which page
    principal: Reader, sessions: SessionsHere, side: Literal["own", "asked"] = "own", since: Since = None,
    limit: Limit = 50, after: After = None,
) -> Page[AccessOut]:  # fmt: skip
    """List the break-glass accesses to what is one's `own`, or that one `asked` for; newest first.

    To be told of every step, ask again with `since`: the greatest `changed_at` that you have seen.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_accesses(session, principal, side, since, limit, after), limit)
        read = service.readings_of(session, rows)
    items = [_out(row, read.get(row.id, [])) for row in rows]
    return Page(items=items, next=str(rows[-1].id) if more else None)


@router.post("/{id_}:approve", responses=problem_docs("not_found", "conflict", "invalid"))
def approve_access(principal: Approver, sessions: SessionsHere, id_: UUID) -> AccessOut:
    """Approve an access that a colleague asked for, within a day; it opens now (operator)."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        approved = service.approve(session, principal, id_)
        session.commit()
    return _out(approved, [])


@router.post("/{id_}:end", responses=problem_docs("not_found", "invalid"))
def end_access(principal: Ender, sessions: SessionsHere, id_: UUID) -> AccessOut:
    """End an access, as its owner or its operator: the very next request reads nothing."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        ended = service.end(session, principal, id_)
        read = service.readings_of(session, [ended]).get(id_, [])
        session.commit()
    return _out(ended, read)


@router.get("/{id_}/submission", responses=problem_docs("not_found", "conflict", "invalid"))
def read_submission(principal: User, sessions: SessionsHere, id_: UUID) -> SubmissionOut:
    """Return the submission that an access opens; the organisation whose it is sees the reading."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        access = service.open_for(session, principal, id_)
        found = _submission(session, access)
        service.note_reading(session, principal, access, "answers")
    return submission_out(found)


@router.get("/{id_}/evidence", responses=problem_docs("not_found", "conflict", "invalid"))
def list_evidence(principal: User, sessions: SessionsHere, id_: UUID) -> list[EvidenceOut]:
    """List the evidence that an access opens: all of the submission, or the one piece."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        access = service.open_for(session, principal, id_)
        found = [evidence_out(item, keys) for item, keys in evidence_service.list_evidence(session, _name(access))]
        service.note_reading(session, principal, access, "evidence")
    return found


@router.get(
    "/{id_}/evidence/{evidence_id}/file", responses=problem_docs("not_found", "conflict", "invalid") | _FILE
)  # fmt: skip
def read_evidence_file(
    principal: User, sessions: SessionsHere, files: FilesHere, id_: UUID, evidence_id: UUID
) -> Response:
    """Return a file that an access opens, always as a download."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        access = service.open_for(session, principal, id_)
        evidence, data = evidence_service.read_file(session, files, _name(access), evidence_id)
        service.note_reading(session, principal, access, "file")
    return file_response(evidence, data)


def _submission(session: TenantSession, access: BreakGlassAccess) -> Submission:
    """Return the submission, if the database shows it: an access to evidence does not open it."""
    query = select(Submission).where(
        Submission.tenant_id == access.tenant_id, Submission.id == access.submission_id
    )  # fmt: skip
    found = session.scalars(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def _name(access: BreakGlassAccess) -> SubmissionName:
    """Return the submission's name; who asked for it is not told here, and reading does not need it."""
    return SubmissionName(access.tenant_id, access.submission_id, access.tenant_id)


def _out(row: BreakGlassAccess, read: list[service.Reading]) -> AccessOut:
    closes = service.closes_at(row)
    moments = [row.requested_at, row.approved_at, row.ended_at, *(reading.last_at for reading in read)]
    return AccessOut.model_validate(
        {
            "id": row.id,
            "state": service.state_of(row),
            "organisation": row.tenant_id,
            "operator": row.operator_id,
            "submission": row.submission_id,
            "evidence": row.evidence_id,
            "reason": row.reason,
            "minutes": row.minutes,
            "requested_at": row.requested_at,
            "requested_by": row.requested_by,
            "requested_person": row.requested_person,
            "approved_at": row.approved_at,
            "approved_by": row.approved_by,
            "approved_person": row.approved_person,
            "closes_at": closes,
            "ended_at": row.ended_at,
            "ended_by": row.ended_by,
            "changed_at": max(moment for moment in moments if moment is not None),
            "read": [reading._asdict() for reading in read],
        }
    )
