"""HTTP of countersignatures: prepare, declare or assure, withdraw, and the file in which readers find all of it."""

import base64
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.countersigning import service
from api.countersigning.keeping import Means
from api.countersigning.schemas import (
    AssuranceIn,
    CountersignatureIn,
    CountersignatureOut,
    CountersigningWithdrawalIn,
    OwnSignatureOut,
    PreparedOut,
)
from api.countersigning.service import Taken
from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.tenancy import Principal, tenant_of
from attestations import trust as trusts
from attestations.countersignatures.contents import Content, content_bytes
from attestations.countersignatures.file import read_entry
from attestations.signing import Signer
from questionnaires.canonical import digest_bytes

router = APIRouter(prefix="/v1", tags=["countersignatures"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]
Declarer = Annotated[Principal, Depends(require("declarations:write"))]
Auditor = Annotated[Principal, Depends(require("assurances:write"))]
Withdrawer = Annotated[Principal, Depends(require("countersignatures:withdraw"))]
Reader = Annotated[Principal, Depends(require("attestations:read"))]
DeclarationBody = Annotated[CountersignatureIn, Depends(json_body(CountersignatureIn))]
AssuranceBody = Annotated[AssuranceIn, Depends(json_body(AssuranceIn))]
_BODY_PROBLEMS = ("malformed", "not_found", "conflict", "unsupported_media_type", "invalid")
_JSON: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}


def means_of(request: Request) -> Means:
    """Return what signs, and the organisation roots of this service's own trust list."""
    signer: Signer = request.app.state.signer
    return Means(signer, trusts.parse(request.app.state.trust).organisation_roots)


MeansHere = Annotated[Means, Depends(means_of)]


@router.post(
    "/attestations/{id_}/countersignatures:prepare", openapi_extra=documented(CountersignatureIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def prepare_declaration(principal: Declarer, sessions: SessionsHere, id_: UUID, body: DeclarationBody) -> PreparedOut:
    """Return the bytes that the vendor may sign with a key of its own before its officer declares. Stores nothing."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _prepared(service.prepare_declaration(session, principal, id_, body))


@router.post(
    "/attestations/{id_}/countersignatures", status_code=201, openapi_extra=documented(CountersignatureIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def declare(
    principal: Declarer, sessions: SessionsHere, means: MeansHere, id_: UUID, body: DeclarationBody
) -> CountersignatureOut:
    """Have an officer of the vendor declare (with an acting person), signed by the service and, if you like, by you.

    An own signature is over the bytes that `:prepare` returns for the same body. The same body again returns the
    declaration that stands.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        taken = service.declare(session, principal, means, id_, body)
        session.commit()
    return _out(taken)


@router.post(
    "/attestations/{id_}/assurances:prepare", openapi_extra=documented(AssuranceIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def prepare_assurance(principal: Auditor, sessions: SessionsHere, id_: UUID, body: AssuranceBody) -> PreparedOut:
    """Return the bytes that an auditor may sign with a key of its own before giving assurance. Stores nothing."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        return _prepared(service.prepare_assurance(session, principal, id_, body))


@router.post(
    "/attestations/{id_}/assurances", status_code=201, openapi_extra=documented(AssuranceIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def give_assurance(
    principal: Auditor, sessions: SessionsHere, means: MeansHere, id_: UUID, body: AssuranceBody
) -> CountersignatureOut:
    """Give assurance, or tell findings, of an attestation granted to you (auditor, with an acting person).

    Who is a party of the attestation cannot. Its parties and every grantee read it, an adverse opinion too.
    """
    with unit_of_work(sessions, tenant_of(principal)) as session:
        taken = service.assure(session, principal, means, id_, body)
        session.commit()
    return _out(taken)


@router.get(
    "/attestations/{id_}/countersignatures", response_model=None,
    responses=problem_docs("not_found", "conflict", "invalid") | _JSON,
)  # fmt: skip
def read_countersignatures(principal: Reader, sessions: SessionsHere, means: MeansHere, id_: UUID) -> Response:
    """Return all that was declared, assured and withdrawn, as of now, for `enduse verify --countersignatures`."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        data = service.read_file(session, principal, means.signer, id_)
    return Response(data, media_type="application/json")


@router.post(
    "/countersignatures/{id_}:withdraw", openapi_extra=documented(CountersigningWithdrawalIn),
    responses=problem_docs(*_BODY_PROBLEMS),
)  # fmt: skip
def withdraw_countersignature(
    principal: Withdrawer, sessions: SessionsHere, means: MeansHere, id_: UUID,
    body: Annotated[CountersigningWithdrawalIn, Depends(json_body(CountersigningWithdrawalIn))],
) -> CountersignatureOut:  # fmt: skip
    """Withdraw your own declaration or assurance (with an acting person): files from now on say so, and keep it."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        taken = service.withdraw(session, principal, means, id_, body.reason)
        session.commit()
    return _out(taken)


def _prepared(content: Content) -> PreparedOut:
    data = content_bytes(content)
    return PreparedOut(
        content=content.model_dump(mode="json"), bytes=base64.b64encode(data).decode("ascii"), digest=digest_bytes(data)
    )


def _out(taken: Taken) -> CountersignatureOut:
    row, holder = taken.row, taken.holder
    own = None if holder is None else OwnSignatureOut.model_validate(
        {name: holder.to_json()[name] for name in ("form", "algorithm", "subject", "holder")}
    )  # fmt: skip
    return CountersignatureOut.model_validate(
        {
            "id": row.id, "kind": row.kind, "attestation": row.attestation_id, "organisation": row.tenant_id,
            "made_at": row.made_at, "digest": read_entry(row.entry).digest, "person": row.person,
            "own_signature": own, "withdrawn_at": taken.withdrawal.made_at if taken.withdrawal else None,
        }
    )  # fmt: skip
