"""HTTP of submissions: the respondent's draft, evidence, sealed submissions."""

from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import magic
from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.datastructures import UploadFile

from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.evidence import service as evidence_service
from api.evidence.files import FileStore
from api.evidence.models import Evidence
from api.evidence.schemas import AboutIn, EvidenceIn, EvidenceOut
from api.http.bodies import documented, read_json, validate
from api.http.errors import problem_docs
from api.http.paging import After, Limit, cut
from api.http.schemas import FlawOut, Page
from api.http.versions import expected_versions, tag_of
from api.identity.access import require, sessions_of
from api.problems import Flaw, Refusal
from api.submissions import service
from api.submissions.confirming import listed
from api.submissions.models import Submission
from api.submissions.schemas import (
    DocumentOut,
    DraftOut,
    SavedOut,
    SaveIn,
    SubmissionLineOut,
    SubmissionOut,
    ToConfirmOut,
    ValidationOut,
)  # fmt: skip
from api.tenancy import Principal, tenant_of
from questionnaires.documents import AnswerKey, iterate

router = APIRouter(prefix="/v1", tags=["submissions"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Writer = Annotated[Principal, Depends(require("answers:write"))]
Reader = Annotated[Principal, Depends(require("submissions:read"))]
IfMatch = Annotated[str | None, Header(description="The draft's ETag; the save is refused if it has changed since.")]
LONGEST_NAME = 200
FORM_OVERHEAD = 512 * 1024
"""Bytes of a multipart body besides the file: the description, which may name many answers."""


SaveBody = Annotated[Any, Depends(read_json)]
"""Plain JSON: the questionnaire's schema checks it, and fractions are refused there."""


def files_of(request: Request) -> FileStore:
    """Return the application's files."""
    files: FileStore = request.app.state.files
    return files


FilesHere = Annotated[FileStore, Depends(files_of)]


class Upload(NamedTuple):
    """A file as it came, and what is said about it."""

    name: str
    data: bytes
    said: EvidenceIn


_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "description"],
                    "properties": {
                        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "description": {"$ref": "#/components/schemas/EvidenceIn"},
                    },
                }
            }
        },
    }
}


async def read_upload(_: Writer, request: Request) -> Upload:
    """Read the form, after the token: nobody unknown makes us keep a file."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise Refusal("unsupported_media_type", "Send multipart/form-data with the parts file and description.")
    async with request.form(max_files=1, max_fields=1, max_part_size=FORM_OVERHEAD) as form:
        file, description = form.get("file"), form.get("description")
        if not isinstance(file, UploadFile) or not isinstance(description, str):
            raise Refusal("malformed", "Send one file and one description.")
        said = validate(EvidenceIn, description.encode(errors="surrogatepass"))  # which is no JSON, and told so
        data = await file.read(evidence_service.LARGEST_FILE + 1)
        name = file.filename or ""
    return Upload(name, data, said)


def _checked_file(name: str, data: bytes) -> evidence_service.File:
    if len(data) > evidence_service.LARGEST_FILE:
        raise Refusal("too_large", "Split the file, or attach an extract.")
    if not data:
        raise Refusal("invalid", "The file is empty.", [Flaw("/file", "empty", "Attach a file that has content.")])
    plain = "".join(c for c in name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1] if c.isprintable())
    return evidence_service.File(plain[:LONGEST_NAME] or "file", magic.from_buffer(data, mime=True), data)


@router.get("/disclosure-requests/{request_id}/submission", responses=problem_docs("not_found", "invalid"))
def read_draft(
    principal: Annotated[Principal, Depends(require("answers:read"))],
    sessions: SessionsHere,
    request_id: UUID,
    response: Response,
) -> DraftOut:
    """Return one's own draft. The issuer sees nothing until it is sealed, and then under `/v1/submissions`."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.read_draft(session, principal, request_id).submission
    response.headers["ETag"] = tag_of(found.version)
    return DraftOut(
        submission=found.id, version=found.version, saved_at=found.saved_at, sealed_at=found.sealed_at,
        answers=DocumentOut.model_validate(found.answers),
        to_confirm=[ToConfirmOut.model_validate(one) for one in listed(found.to_confirm)],
    )  # fmt: skip


@router.patch(
    "/disclosure-requests/{request_id}/submission", openapi_extra=documented(SaveIn),
    responses=problem_docs("malformed", "not_found", "sealed", "changed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def save_answers(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, request_id: UUID, said: SaveBody,
    response: Response, if_match: IfMatch = None,
) -> SavedOut:  # fmt: skip
    """Save answers in bulk. All are saved, or none and every problem is named."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        saved = service.save(session, principal, catalogue, request_id, said, expected_versions(if_match))
        session.commit()
    response.headers["ETag"] = tag_of(saved.version)
    return SavedOut(submission=saved.id, version=saved.version, saved_at=saved.saved_at)


@router.post(
    "/disclosure-requests/{request_id}/submission:validate", openapi_extra=documented(SaveIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def validate_answers(
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, request_id: UUID, said: SaveBody
) -> ValidationOut:
    """Tell whether a save would be accepted, without saving anything."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = service.read_draft(session, principal, request_id)
        problems = service.check(session, catalogue, draft, said)
    errors = [FlawOut(pointer=p, code=c, detail=d) for p, c, d in problems]
    return ValidationOut(valid=not errors, errors=errors)


@router.post(
    "/disclosure-requests/{request_id}/submission/evidence", status_code=201,
    max_body_size=evidence_service.LARGEST_FILE + FORM_OVERHEAD, openapi_extra=_UPLOAD,
    responses=problem_docs(
        "malformed", "not_found", "sealed", "quota_exceeded", "too_large", "unsupported_media_type", "invalid"
    ),
)  # fmt: skip
def attach_evidence(
    principal: Writer, sessions: SessionsHere, files: FilesHere, request_id: UUID,
    upload: Annotated[Upload, Depends(read_upload)],
) -> EvidenceOut:  # fmt: skip
    """Attach a file to answers of one's own draft. That alone is worth V1; others may grade it higher."""
    file = _checked_file(upload.name, upload.data)  # here, in a thread: finding a type may take a second
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = service.open_draft(session, principal, request_id).submission
        answered = {key for _, key, _ in iterate(draft.answers)}
        service.refuse(_unanswered(upload.said, answered))
        evidence = evidence_service.attach(session, principal, files, service.name_of(draft), file, upload.said)
        session.commit()
    return evidence_out(evidence, [AnswerKey(about.question, about.row or "") for about in upload.said.about])


@router.get("/disclosure-requests/{request_id}/submission/evidence", responses=problem_docs("not_found", "invalid"))
def list_draft_evidence(
    principal: Annotated[Principal, Depends(require("answers:read"))], sessions: SessionsHere, request_id: UUID
) -> list[EvidenceOut]:
    """List the evidence of one's own submission, sealed or not."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        name = service.name_of(service.read_draft(session, principal, request_id).submission)
        return [evidence_out(item, keys) for item, keys in evidence_service.list_evidence(session, name)]


@router.delete(
    "/disclosure-requests/{request_id}/submission/evidence/{evidence_id}", status_code=204,
    responses=problem_docs("not_found", "sealed", "invalid"),
)  # fmt: skip
def withdraw_evidence(principal: Writer, sessions: SessionsHere, request_id: UUID, evidence_id: UUID) -> None:
    """Withdraw a piece of evidence from one's own draft; nobody else has seen it."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = service.open_draft(session, principal, request_id).submission
        evidence_service.withdraw(session, principal, service.name_of(draft), evidence_id)
        session.commit()


@router.get("/submissions", responses=problem_docs("invalid"))
def list_submissions(
    principal: Reader, sessions: SessionsHere, side: Literal["own", "asked", "granted"] = "asked",
    limit: Limit = 50, after: After = None,
) -> Page[SubmissionLineOut]:  # fmt: skip
    """List sealed submissions: one's `own`, those `asked` for, those `granted` by others; newest first."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(service.list_sealed(session, principal, side, limit, after), limit)
    items = [SubmissionLineOut.model_validate(_line(row)) for row in rows]
    return Page(items=items, next=str(rows[-1].id) if more else None)


@router.get("/submissions/{id_}", responses=problem_docs("not_found", "invalid"))
def read_submission(principal: Reader, sessions: SessionsHere, id_: UUID) -> SubmissionOut:
    """Return a sealed submission."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        found = service.read_sealed(session, principal, id_)
        service.note_reading(session, principal, found.tenant_id, found.id, "answers")
    return submission_out(found)


@router.get("/submissions/{id_}/evidence", responses=problem_docs("not_found", "invalid"))
def list_evidence(principal: Reader, sessions: SessionsHere, id_: UUID) -> list[EvidenceOut]:
    """List the evidence of a sealed submission."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        name = service.name_of(service.read_sealed(session, principal, id_))
        found = [evidence_out(item, keys) for item, keys in evidence_service.list_evidence(session, name)]
        service.note_reading(session, principal, name.owner, name.id, "evidence")
    return found


@router.get(
    "/submissions/{id_}/evidence/{evidence_id}/file",
    responses=problem_docs("not_found", "invalid") | {200: {"content": {"application/octet-stream": {}}}},
)
def read_evidence_file(
    principal: Reader, sessions: SessionsHere, files: FilesHere, id_: UUID, evidence_id: UUID
) -> Response:
    """Return the file of a piece of evidence, always as a download."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        name = service.name_of(service.read_sealed(session, principal, id_))
        evidence, data = evidence_service.read_file(session, files, name, evidence_id)
        service.note_reading(session, principal, name.owner, name.id, "file")
    return file_response(evidence, data)


def file_response(evidence: Evidence, data: bytes) -> Response:
    """Return the file of a piece of evidence: a download, whatever it is."""
    headers = {
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{evidence.file_digest}"',
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


def submission_out(found: Submission) -> SubmissionOut:
    """Return the wire form of a sealed submission."""
    return SubmissionOut.model_validate(
        {
            **_line(found),
            "declared_by": service.terms_of(found)["declared_by"],
            "answers": DocumentOut.model_validate(found.answers),
        }
    )


def _line(row: Submission) -> dict[str, Any]:
    return {
        "id": row.id,
        "respondent": row.tenant_id,
        "issuer": row.issuer_id,
        "request": row.request_id,
        "sealed_at": row.sealed_at,
    }


def _unanswered(said: EvidenceIn, answered: set[AnswerKey]) -> list[Any]:
    detail = "There is no such answer. Answer the question first, or mend question and row: the company has no row."
    return [
        Flaw(f"/about/{index}", "not_answered", detail)
        for index, about in enumerate(said.about)
        if AnswerKey(about.question, about.row or "") not in answered
    ]


def evidence_out(evidence: Evidence, keys: list[AnswerKey]) -> EvidenceOut:
    """Return the wire form of a piece of evidence with the answers that it is about."""
    return EvidenceOut(
        id=evidence.id, submission=evidence.submission_id, digest=evidence.file_digest, file_name=evidence.file_name,
        media_type=evidence.media_type, size=evidence.size, dated=evidence.dated, public_url=evidence.public_url,
        attached_at=evidence.attached_at, file_erased_at=evidence.file_erased_at,
        about=[AboutIn(question=key.question, row=key.row or None) for key in keys],
    )  # fmt: skip
