"""What the routes of every kind of draft do: begin, list, show, replace, delete, and say what is to be mended.

The routes themselves stand with their kind, which gives them their scope and their words.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response

from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.drafts.findings import Examined
from api.drafts.models import Draft
from api.drafts.schemas import DraftLineOut, FindingOut, FindingsOut
from api.drafts.service import Drafts
from api.drafts.written import JSON, YAML, Written, checked, read_written
from api.http.errors import problem_docs
from api.http.paging import cut
from api.http.schemas import Page
from api.http.versions import expected_versions, tag_of
from api.identity.access import sessions_of
from api.problems import Refusal
from api.tenancy import Principal, tenant_of

SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
IfMatch = Annotated[str | None, Header(description="The ETag of the version that is meant; `*` takes any.")]
AnyDrafts = Drafts[Any]

_TEXT = {JSON: {"schema": {"type": "object"}}, YAML: {"schema": {"type": "string"}}}
_READ: dict[str, Any] = {JSON: _TEXT[JSON], YAML: {}}
_BODY = ("malformed", "unsupported_media_type", "too_large", "invalid")
WRITTEN: dict[str, Any] = {"requestBody": {"required": True, "content": _TEXT}}
"""The body of a draft, described."""
TO_BEGIN = problem_docs("quota_exceeded", *_BODY)
TO_SHOW = problem_docs("not_found", "invalid") | {200: {"content": _READ}}
TO_REPLACE = problem_docs("not_found", "changed", "unconditional", *_BODY)


def body_after(writer: Callable[..., Principal]) -> Callable[..., Coroutine[Any, Any, Written]]:
    """Return the dependency that reads the text after the token: nobody unknown makes us read."""

    async def read_body(_: Annotated[Principal, Depends(writer)], request: Request) -> Written:
        return await read_written(request)

    return read_body


def begin(
    drafts: AnyDrafts, principal: Principal, sessions: Sessions, written: Written, response: Response
) -> DraftLineOut:
    """Keep a new draft and tell its version."""
    text = checked(written)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = drafts.create(session, principal, text)
        session.commit()
    response.headers["ETag"] = tag_of(draft.version)
    return _line(draft)


def show_page(
    drafts: AnyDrafts, principal: Principal, sessions: Sessions, limit: int, after: UUID | None
) -> Page[DraftLineOut]:
    """Return a page of one's own drafts."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        rows, more = cut(drafts.list_page(session, principal, limit, after), limit)
    return Page(items=[_line(row) for row in rows], next=str(rows[-1].id) if more else None)


def show(drafts: AnyDrafts, principal: Principal, sessions: Sessions, id_: UUID) -> Response:
    """Return a draft's text as it was sent."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        draft = drafts.read(session, principal, id_)
    return Response(draft.source.encode(), media_type=draft.media_type, headers={"ETag": tag_of(draft.version)})


def replace(  # noqa: PLR0913, PLR0917  # what the route was given, and the kind of draft
    drafts: AnyDrafts, principal: Principal, sessions: Sessions, id_: UUID, written: Written, response: Response,
    if_match: str | None,
) -> DraftLineOut:  # fmt: skip
    """Put another text in place of a draft's, of which the caller names the version."""
    text = checked(written)
    with unit_of_work(sessions, tenant_of(principal)) as session:
        if if_match is None:
            drafts.read(session, principal, id_)
            raise Refusal("unconditional", "Send the ETag of the version that you have read as If-Match.")
        draft = drafts.replace(session, principal, id_, text, expected_versions(if_match))
        session.commit()
    response.headers["ETag"] = tag_of(draft.version)
    return _line(draft)


def delete(drafts: AnyDrafts, principal: Principal, sessions: Sessions, id_: UUID) -> None:
    """Delete a draft."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        drafts.delete(session, principal, id_)
        session.commit()


def tell(examined: Examined[Any]) -> FindingsOut:
    """Return what is to be mended, as it is told."""
    findings = [FindingOut(**found._asdict()) for found in examined.findings]
    errors = examined.errors
    return FindingsOut(version=examined.version, errors=errors, warnings=len(findings) - errors, findings=findings)


def require_version(examined: Examined[Any], if_match: str | None) -> None:
    """Refuse to publish another version than the caller has read."""
    if examined.version not in expected_versions(if_match):
        raise Refusal("changed", "Read the draft again, and publish what you have read.")


def _line(draft: Draft) -> DraftLineOut:
    return DraftLineOut(
        id=draft.id, title=draft.title, media_type=draft.media_type, version=draft.version,
        created_at=draft.created_at, saved_at=draft.saved_at,
    )  # fmt: skip
