"""HTTP of carrying answers from one submission into another."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from api.catalogue.service import Catalogue, catalogue_of
from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.http.versions import expected_versions, tag_of
from api.identity.access import require, sessions_of
from api.submissions.carrying import Outcome, carry_over
from api.submissions.schemas import CarriedOut, CarryIn, JudgedOut, LostRowOut
from api.tenancy import Principal, tenant_of
from questionnaires.carrying import Judged

router = APIRouter(prefix="/v1", tags=["submissions"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
CatalogueHere = Annotated[Catalogue, Depends(catalogue_of)]
Writer = Annotated[Principal, Depends(require("answers:write"))]
IfMatch = Annotated[str | None, Header(description="The draft's ETag; refused if the draft has changed since.")]


@router.post(
    "/disclosure-requests/{request_id}/submission:carry", openapi_extra=documented(CarryIn),
    responses=problem_docs("malformed", "not_found", "sealed", "changed", "unsupported_media_type", "invalid"),
)  # fmt: skip
def carry_answers(  # noqa: PLR0913, PLR0917  # FastAPI's way of naming what an endpoint needs
    principal: Writer, sessions: SessionsHere, catalogue: CatalogueHere, request_id: UUID,
    body: Annotated[CarryIn, Depends(json_body(CarryIn))], response: Response, if_match: IfMatch = None,
) -> CarriedOut:  # fmt: skip
    """Carry the answers of another submission of one's own into the draft, whatever revision it answers.

    The draft's own answers stay, unless `overwrite`. Evidence is not carried: it belongs to its submission.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        outcome = carry_over(session, principal, catalogue, request_id, body, expected_versions(if_match))
        session.commit()
    response.headers["ETag"] = tag_of(outcome.submission.version)
    return carried_out(outcome)


def carried_out(outcome: Outcome) -> CarriedOut:
    """Return the wire form of what carrying over led to."""
    submission, carried, laid = outcome
    return CarriedOut(
        submission=submission.id, version=submission.version, saved_at=submission.saved_at,
        survives=_judged(laid.survives), to_confirm=_judged(laid.to_confirm), present=_judged(laid.present),
        lost=_judged(laid.lost),
        lost_rows=[LostRowOut.model_validate({"group": group, "row": row}) for group, row in carried.lost_rows],
    )  # fmt: skip


def _judged(found: Sequence[Judged]) -> list[JudgedOut]:
    """Return answers by question and reasons: what a question says of one row it mostly says of all."""
    rows: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for group, key, _, reasons in found:
        rows.setdefault((group, key.question, reasons), []).extend([key.row] if key.row else [])
    return [
        JudgedOut.model_validate({"group": group, "question": question, "rows": named, "reasons": list(reasons)})
        for (group, question, reasons), named in rows.items()
    ]
