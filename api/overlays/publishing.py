"""Examining drafts of overlays and publishing them.

Invariants: what is published has no finding; its id is its organisation's own, its number the next of that id;
publishing the same again gives the revision that is there.
"""

from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.audit.service import record
from api.catalogue.service import Catalogue
from api.db.session import Sessions, TenantSession, unit_of_work
from api.drafts.findings import Examined, check_id, place
from api.drafts.names import own_id
from api.drafts.written import parse
from api.ids import TenantId
from api.overlays.drafts import DRAFTS
from api.overlays.models import PublishedOverlay
from api.overlays.reading import count_overlays
from api.problems import Refusal
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest
from questionnaires.overlays import Overlay, Standard, apply, check_overlay, read_overlay
from questionnaires.revisions import revision_digest, revision_json

MOST_OVERLAYS = 1000
"""Published overlay revisions of one organisation."""


def examine(sessions: Sessions, principal: Principal, catalogue: Catalogue, id_: UUID) -> Examined[Overlay]:
    """Return a draft with its findings; no connection is held while they are looked for."""
    tenant = tenant_of(principal)
    with unit_of_work(sessions, tenant) as session:
        draft = DRAFTS.read(session, principal, id_)
    source = parse(draft.source, draft.media_type)
    overlay, found = read_overlay(source.value)
    findings = [*source.findings, *found]
    if overlay is not None:
        findings += [*check_id(tenant, overlay.id), *check_overlay(overlay, standard_of(catalogue, overlay))]
    return Examined(draft.version, overlay, place(source, findings))


def standard_of(catalogue: Catalogue, overlay: Overlay) -> Standard | None:
    """Return the shipped criteria that an overlay names, with the newest questionnaire that they can score."""
    criteria = catalogue.criteria.get(overlay.base.digest)
    if criteria is None:
        return None
    digest = Digest(overlay.base.digest)
    able = [
        one.questionnaire
        for one in catalogue.shipped.values()
        if one.questionnaire.id == criteria.questionnaire and not catalogue.misfits(one, digest)
    ]
    return Standard(digest, criteria, max(able, key=lambda one: int(one.revision)))


def publish(
    session: TenantSession, principal: Principal, catalogue: Catalogue, id_: UUID, examined: Examined[Overlay]
) -> tuple[PublishedOverlay, bool]:
    """Publish a draft as it was examined; return its revision, and whether it is new."""
    DRAFTS.open(session, principal, id_, {examined.version})
    if examined.content is None or examined.findings:
        raise examined.refusal()
    tenant = tenant_of(principal)
    DRAFTS.hold(session, tenant)
    name = own_id(tenant, examined.content.id)
    assert name is not None
    newest = session.scalars(
        select(PublishedOverlay)
        .where(PublishedOverlay.tenant_id == tenant, PublishedOverlay.overlay_id == name)
        .order_by(PublishedOverlay.revision.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.digest == revision_digest(_named(examined.content, name, newest.revision)):
        return newest, False
    count = count_overlays(session, tenant)
    if count >= MOST_OVERLAYS:
        raise Refusal("quota_exceeded", f"Your organisation has published {count} overlays, and may publish no more.")
    number = 1 if newest is None else newest.revision + 1
    row = _row(tenant, catalogue, _named(examined.content, name, number), number)
    session.add(row)
    session.flush()
    record(session, principal, "overlay.publish", row.id, after=Digest(row.digest))
    return row, True


def _row(tenant: TenantId, catalogue: Catalogue, made: Overlay, number: int) -> PublishedOverlay:
    criteria = apply(made, catalogue.criteria[made.base.digest])
    return PublishedOverlay(
        tenant_id=tenant, digest=revision_digest(made), id=ids.uuid7(), overlay_id=made.id, revision=number,
        title=made.title, base_digest=made.base.digest, criteria_digest=revision_digest(criteria),
        definition=made.model_dump_json(by_alias=True), published_at=clock.now(),
    )  # fmt: skip


def _named(overlay: Overlay, name: str, number: int) -> Overlay:
    return Overlay.model_validate({**revision_json(overlay), "id": name, "revision": str(number)})
