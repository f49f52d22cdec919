"""Finding one's own published overlays, and what they make of the standard.

Invariant: an overlay is found by its organisation alone, whoever knows its digest.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.http.paging import page_of
from api.ids import TenantId
from api.overlays.models import PublishedOverlay
from api.problems import not_found
from api.tenancy import Principal, tenant_of
from questionnaires.criteria import Criteria
from questionnaires.overlays import Overlay, Step, lay_in_steps

_REVISION = re.compile(r"[1-9][0-9]{0,5}")


class Laid(NamedTuple):
    """A published overlay, the standard that it lies on, and what its parts make of it, one laid on the other."""

    digest: str
    criteria_digest: str
    overlay: Overlay
    standard: Criteria
    steps: Sequence[Step]

    @property
    def criteria(self) -> Criteria:
        """The criteria with the whole overlay: one that is published changes something."""
        return self.steps[-1].criteria


def find(session: TenantSession, tenant: TenantId, name: str) -> PublishedOverlay | None:
    """Return the overlay of an organisation that a digest, id (its newest) or `id@revision` names."""
    query = select(PublishedOverlay).where(PublishedOverlay.tenant_id == tenant)
    if name.startswith("sha256:"):
        return session.scalars(query.where(PublishedOverlay.digest == name)).one_or_none()
    id_, at, revision = name.partition("@")
    query = query.where(PublishedOverlay.overlay_id == id_)
    if at:
        if not _REVISION.fullmatch(revision):
            return None
        query = query.where(PublishedOverlay.revision == int(revision))
    return session.scalars(query.order_by(PublishedOverlay.revision.desc()).limit(1)).one_or_none()


def read(session: TenantSession, principal: Principal, name: str) -> PublishedOverlay:
    """Return one of the caller's own overlays; refuse what is not there, or another's."""
    found = find(session, tenant_of(principal), name)
    if found is None:
        raise not_found()
    return found


def lay(catalogue: Catalogue, row: PublishedOverlay) -> Laid:
    """Return what an overlay that the caller sees makes of the standard; its standard is shipped, and stays."""
    overlay = _parse(row.digest, row.definition)
    standard = catalogue.criteria[row.base_digest]
    steps = _lay(row.digest, row.definition, row.base_digest, catalogue)
    return Laid(row.digest, row.criteria_digest, overlay, standard, steps)


@lru_cache(maxsize=64)
def _parse(digest: str, definition: str) -> Overlay:  # noqa: ARG001  # the digest is what the cache finds it by
    return Overlay.model_validate_json(definition)


@lru_cache(maxsize=32)
def _lay(digest: str, definition: str, base: str, catalogue: Catalogue) -> Sequence[Step]:
    return lay_in_steps(_parse(digest, definition), catalogue.criteria[base])


def list_own(
    session: TenantSession, principal: Principal, limit: int, after: UUID | None
) -> Sequence[PublishedOverlay]:
    """Return a page of one's own published overlays, newest first, and one row more."""
    query = select(PublishedOverlay).where(PublishedOverlay.tenant_id == tenant_of(principal))
    query = query.options(defer(PublishedOverlay.definition))
    return session.scalars(page_of(query, PublishedOverlay.id, limit, after)).all()


def count_overlays(session: TenantSession, tenant: TenantId) -> int:
    """Return how many overlays an organisation has published."""
    query = select(func.count()).where(PublishedOverlay.tenant_id == tenant)
    return session.scalars(query).one()
