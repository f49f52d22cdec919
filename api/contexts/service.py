"""Use cases of context snapshots: finding one wherever it stands, and making one of one's own.

Invariants: a snapshot never changes and is known by its digest; names of the catalogue come before loaded ones, and
these before one's own, whose names cannot be taken for either.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import select, update

from api import clock, ids
from api.audit.service import record
from api.catalogue.service import Catalogue
from api.contexts.models import ContextSnapshot, OwnContext
from api.contexts.schemas import ContextIn
from api.db.session import TenantSession
from api.ids import TenantId
from api.problems import Flaw, Refusal
from api.tenancy import Principal, tenant_of
from questionnaires import library
from questionnaires.canonical import Digest, canonical_bytes
from questionnaires.context import Context
from questionnaires.own_context import OWN, Change, derive, find_flaws
from questionnaires.revisions import revision_digest, revision_json


class Found(NamedTuple):
    """A snapshot with its digest."""

    digest: Digest
    context: Context


@lru_cache(maxsize=16)
def _read(digest: str, content: bytes) -> Context:  # noqa: ARG001  # the digest is what the cache finds it by
    return Context.model_validate_json(content)


def _found(row: ContextSnapshot | OwnContext) -> Found:
    return Found(Digest(row.digest), _read(row.digest, canonical_bytes(row.content)))


def find_context(session: TenantSession, catalogue: Catalogue, name: str) -> Found | None:
    """Return the snapshot that a digest, id (its newest) or `id@revision` names, as far as the caller sees it."""
    shipped = catalogue.context(name)
    if shipped is not None and ("@" in name or name.startswith("sha256:")):
        return Found(*shipped)
    candidates: dict[str, Context] = {found.digest: found.context for found in _named(session, name)}
    if shipped is not None:
        candidates[shipped[0]] = shipped[1]
    best = library.find(candidates, name)
    return None if best is None else Found(revision_digest(best), best)


def _named(session: TenantSession, name: str) -> list[Found]:
    id_, _, _ = name.partition("@")
    me = session.info.get("tenant")
    if name.startswith("sha256:"):
        own = session.scalars(select(OwnContext).where(OwnContext.digest == name))
        loaded = session.scalars(select(ContextSnapshot).where(ContextSnapshot.digest == name))
        return [_found(row) for row in (*loaded, *own)][:1]
    if id_.startswith(OWN):
        query = select(OwnContext).where(OwnContext.tenant_id == me, OwnContext.name.startswith(f"{id_}@"))
        return [_found(row) for row in session.scalars(query)]
    query_loaded = select(ContextSnapshot).where(ContextSnapshot.name.startswith(f"{id_}@"))
    return [_found(row) for row in session.scalars(query_loaded)]


def require_context(session: TenantSession, catalogue: Catalogue, digest: str) -> Context:
    """Return the snapshot under which something was asked or sealed; whoever sees that, sees it."""
    found = find_context(session, catalogue, digest)
    assert found is not None, "a snapshot that is named stays"
    return found.context


def names_of(session: TenantSession, catalogue: Catalogue, digests: Iterable[str]) -> Mapping[str, str]:
    """Return how snapshots are called, with their dates, by digest."""
    wanted = set(digests)
    names = {digest: context.name for digest, context in catalogue.contexts.items() if digest in wanted}
    missing = wanted - names.keys()
    for table in (ContextSnapshot, OwnContext):
        if missing:
            rows = session.execute(select(table.digest, table.name).where(table.digest.in_(missing)))
            names |= {row.digest: row.name for row in rows}
    return names


def list_contexts(session: TenantSession, principal: Principal, catalogue: Catalogue) -> list[Found]:
    """Return every snapshot of the catalogue, every loaded one and one's own."""
    loaded = session.scalars(select(ContextSnapshot).order_by(ContextSnapshot.name))
    own = session.scalars(
        select(OwnContext).where(OwnContext.tenant_id == tenant_of(principal)).order_by(OwnContext.name)
    )
    shipped = [Found(Digest(digest), context) for digest, context in catalogue.contexts.items()]
    return [*shipped, *map(_found, loaded), *map(_found, own)]


def make_context(session: TenantSession, principal: Principal, catalogue: Catalogue, asked: ContextIn) -> Found:
    """Make a context of one's own; refuse it with every flaw."""
    base = find_context(session, catalogue, asked.based_on)
    changes = {
        code: Change.model_validate(change.model_dump(exclude_none=True)) for code, change in asked.areas.items()
    }
    flaws = _flaws(asked)
    if base is None or base.context.id.startswith(OWN):
        flaws.append(Flaw("/based_on", "unknown_revision", "Name a shipped or loaded snapshot, by digest or id."))
    else:
        flaws += [Flaw(f"/areas/{code}", "area", detail) for code, detail in find_flaws(base.context, changes)]
    mine = select(OwnContext.id).where(
        OwnContext.tenant_id == tenant_of(principal), OwnContext.name == f"{asked.id}@{asked.revision}"
    )
    if session.scalars(mine).one_or_none() is not None:
        flaws.append(Flaw("/revision", "taken", "A context never changes: give the new one another id or date."))
    if flaws or base is None:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    made = derive(asked.id, asked.revision, asked.title, base.context, base.digest, changes)
    digest = revision_digest(made)
    row = OwnContext(
        tenant_id=tenant_of(principal), id=ids.uuid7(), digest=digest, based_on=base.digest, name=made.name,
        content=revision_json(made), made_at=clock.now(), person=principal.person,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, principal, "context.make", row.id, before=base.digest, after=digest)
    return Found(digest, made)


def _flaws(asked: ContextIn) -> list[Flaw]:
    dates = {"/revision": asked.revision} | {
        f"/areas/{code}/source/taken_on": change.source.taken_on for code, change in asked.areas.items()
    }
    return [Flaw(pointer, "date", "Give a day that exists and lies not ahead.") for pointer, text in dates.items()
            if not _is_past(text)]  # fmt: skip


def _is_past(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= clock.today()
    except ValueError:
        return False


def erase_maker(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from one's own contexts; return how many there were. Commits nothing."""
    query = update(OwnContext).where(OwnContext.tenant_id == tenant, OwnContext.person.is_not(None))
    if person is not None:
        query = query.where(OwnContext.person == person)
    return len(session.scalars(query.values(person=None).returning(OwnContext.id)).all())
