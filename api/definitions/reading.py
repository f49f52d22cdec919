"""Finding questionnaires: the shipped ones, one's own, and those that one was asked with.

Invariants: a name is looked up among the shipped first, whose ids nobody else can have; a foreign one is found by its
digest alone, by whom the database shows it; a revision that a row names is loaded by whoever sees that row.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from api.catalogue.compiled import CompiledQuestionnaire
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.definitions.models import PublishedQuestionnaire
from api.http.paging import page_of
from api.ids import TenantId
from api.problems import not_found
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest

_REVISION = re.compile(r"[1-9][0-9]{0,5}")


def find(session: TenantSession, principal: Principal, catalogue: Catalogue, name: str) -> CompiledQuestionnaire | None:
    """Return the questionnaire that a digest, id (its newest) or `id@revision` names, if the caller may read it."""
    shipped = catalogue.questionnaire(name)
    if shipped is not None:
        return shipped
    found = find_published(session, principal, name)
    return None if found is None else _compiled(catalogue, found)


def read(session: TenantSession, principal: Principal, catalogue: Catalogue, name: str) -> CompiledQuestionnaire:
    """Return the questionnaire that a name names; refuse what is not there, or not for the caller."""
    found = find(session, principal, catalogue, name)
    if found is None:
        raise not_found()
    return found


def find_published(session: TenantSession, principal: Principal, name: str) -> PublishedQuestionnaire | None:
    """Return the published revision that a name names, if the caller may read it."""
    query = select(PublishedQuestionnaire)
    if name.startswith("sha256:"):
        query = query.where(PublishedQuestionnaire.digest == name)
        return session.scalars(query.order_by(PublishedQuestionnaire.tenant_id).limit(1)).one_or_none()
    id_, at, revision = name.partition("@")
    query = query.where(
        PublishedQuestionnaire.tenant_id == tenant_of(principal), PublishedQuestionnaire.questionnaire_id == id_
    )
    if at:
        if not _REVISION.fullmatch(revision):
            return None
        query = query.where(PublishedQuestionnaire.revision == int(revision))
    return session.scalars(query.order_by(PublishedQuestionnaire.revision.desc()).limit(1)).one_or_none()


def pinned(session: TenantSession, catalogue: Catalogue, owner: UUID, digest: str) -> CompiledQuestionnaire:
    """Return the revision that a row names which the caller sees: shipped, or published by `owner`."""
    shipped = catalogue.shipped.get(digest)
    if shipped is not None:
        return shipped

    def load() -> str:
        query = select(PublishedQuestionnaire.definition).where(
            PublishedQuestionnaire.tenant_id == owner, PublishedQuestionnaire.digest == digest
        )
        return session.scalars(query).one()

    return catalogue.shelf.get(Digest(digest), load)


def list_own(
    session: TenantSession, principal: Principal, limit: int, after: UUID | None
) -> Sequence[PublishedQuestionnaire]:
    """Return a page of one's own published revisions, newest first, and one row more."""
    query = select(PublishedQuestionnaire).where(PublishedQuestionnaire.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, PublishedQuestionnaire.id, limit, after)).all()


def count_published(session: TenantSession, tenant: TenantId) -> int:
    """Return how many revisions an organisation has published."""
    query = select(func.count()).where(PublishedQuestionnaire.tenant_id == tenant)
    return session.scalars(query).one()


def _compiled(catalogue: Catalogue, found: PublishedQuestionnaire) -> CompiledQuestionnaire:
    return catalogue.shelf.get(Digest(found.digest), lambda: found.definition)
