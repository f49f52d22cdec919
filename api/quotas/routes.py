"""HTTP of quotas: an organisation's own use, and the operator's word on what one may use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.db.session import Sessions, unit_of_work
from api.http.bodies import documented, json_body
from api.http.errors import problem_docs
from api.identity.access import require, sessions_of
from api.identity.service import read_organisation
from api.ids import TenantId
from api.quotas import service
from api.quotas.schemas import MeasureOut, QuotaIn, UsageOut
from api.settings import Settings
from api.tenancy import Principal, tenant_of

router = APIRouter(prefix="/v1", tags=["quotas"])
SessionsHere = Annotated[Sessions, Depends(sessions_of)]


def settings_of(request: Request) -> Settings:
    """Return the application's settings."""
    settings: Settings = request.app.state.settings
    return settings


SettingsHere = Annotated[Settings, Depends(settings_of)]


@router.get("/usage", responses=problem_docs())
def read_usage(
    principal: Annotated[Principal, Depends(require("usage:read"))], sessions: SessionsHere, settings: SettingsHere
) -> UsageOut:
    """Return what one's own organisation uses and may use."""
    tenant = tenant_of(principal)
    with unit_of_work(sessions, tenant) as session:
        use = service.read_use(session, tenant, settings)
    return _out(tenant, use)


@router.put(
    "/organisations/{organisation}/quota", openapi_extra=documented(QuotaIn),
    responses=problem_docs("malformed", "not_found", "unsupported_media_type", "invalid"),
)  # fmt: skip
def set_quota(
    organisation: UUID, principal: Annotated[Principal, Depends(require("quotas:write"))], sessions: SessionsHere,
    settings: SettingsHere, body: Annotated[QuotaIn, Depends(json_body(QuotaIn))],
) -> UsageOut:  # fmt: skip
    """Set what an organisation may use (operator); the answer says what it uses."""
    with unit_of_work(sessions, tenant_of(principal)) as session:
        tenant = TenantId(read_organisation(session, organisation).id)
        use = service.set_quota(session, principal, tenant, body, settings)
        session.commit()
    return _out(tenant, use)


def _out(tenant: TenantId, use: service.Use) -> UsageOut:
    return UsageOut(
        organisation=tenant, storage_bytes=MeasureOut(**use.stored_bytes._asdict()),
        open_requests=MeasureOut(**use.open_requests._asdict()),
    )  # fmt: skip
