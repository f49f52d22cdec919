"""Use cases of clients: made, listed, given a new credential, revoked.

Invariants: a client holds only scopes that its organisation's roles allow; nobody gives a client scopes that they do
not hold themselves, or a longer life than their own, and nobody obtains the credential of such a client; a secret is
returned once; clients that live are counted under a lock, so that two at once do not pass the limit together.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from api import clock, ids
from api.audit.service import record
from api.db.session import Sessions, TenantSession, unit_of_work
from api.http.paging import page_of
from api.identity.credentials import EdwardsKey, EllipticKey, make_credential
from api.identity.models import Client, Organisation
from api.identity.scopes import SCOPES, scopes_for
from api.ids import OrganisationId
from api.problems import Flaw, Refusal, not_found
from api.tenancy import Principal, Role, tenant_of


class Registration(NamedTuple):
    """What a new client is to be; no scopes means all that may be given, no key means a secret."""

    name: str
    scopes: list[str] | None = None
    expires_at: datetime | None = None
    public_key: EllipticKey | EdwardsKey | None = None


LOCK = 100
"""Tells this use of the database's advisory locks from others."""


class Giver(NamedTuple):
    """What the one who creates or rotates may give."""

    principal: Principal
    expires_at: datetime | None

    def outlived_by(self, moment: datetime | None) -> bool:
        """Tell whether an end lies after the giver's own."""
        return self.expires_at is not None and (moment is None or moment > self.expires_at)


def giver_of(session: TenantSession, principal: Principal) -> Giver:
    """Return what the caller may give; until the transaction ends, the caller cannot be revoked."""
    query = select(Client.expires_at).where(_is(principal, principal.client)).with_for_update(read=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise Refusal("forbidden", "The client that asks is revoked.")
    return Giver(principal, row.expires_at)


def create_client(
    sessions: Sessions,
    organisation: Organisation,
    asked: Registration,
    by: Principal | None = None,
    most: int | None = None,
) -> tuple[Client, str | None]:
    """Create a client in the name of its organisation, asked for by an operator; return it with its secret.

    An organisation has `most` clients that live, or as many as it likes. An operator's client may be given no more
    than the one that asks has itself.
    """
    allowed = scopes_for(Role(role) for role in organisation.roles)
    if by is not None and Role.OPERATOR in organisation.roles:
        allowed = sorted(by.scopes)
        with unit_of_work(sessions, tenant_of(by)) as session:
            _refuse_outliving(giver_of(session, by), asked)
    with unit_of_work(sessions, OrganisationId(organisation.id)) as session:
        _refuse_more_than(session, organisation.id, most)
        made = _create(session, organisation, asked, allowed, by)
        session.commit()
    return made


def create_first(session: TenantSession, organisation: Organisation, asked: Registration) -> tuple[Client, str | None]:
    """Create the client of whoever has just proved to be the organisation; the transaction is in its name."""
    return _create(session, organisation, asked, scopes_for(Role(role) for role in organisation.roles), None)


def create_own(
    session: TenantSession, asked: Registration, by: Principal, most: int | None = None
) -> tuple[Client, str | None]:
    """Create a client of the caller's own organisation; return it with its secret."""
    _refuse_outliving(giver_of(session, by), asked)
    _refuse_more_than(session, by.organisation, most)
    organisation = session.get_one(Organisation, by.organisation)
    return _create(session, organisation, asked, sorted(by.scopes), by)


def _refuse_more_than(session: TenantSession, organisation: UUID, most: int | None) -> None:
    """Refuse where the organisation has as many clients as it may; nobody else creates one until the end."""
    if most is None:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(organisation), LOCK))))
    lives = Client.revoked_at.is_(None) & or_(Client.expires_at.is_(None), Client.expires_at > clock.now())
    query = select(func.count()).select_from(Client).where(Client.tenant_id == organisation, lives)
    if session.execute(query).scalar_one() >= most:
        raise Refusal("conflict", f"An organisation has {most} clients at most: revoke one that is no longer used.")


def _create(
    session: TenantSession,
    organisation: Organisation,
    asked: Registration,
    allowed: Sequence[str],
    by: Principal | None,
) -> tuple[Client, str | None]:
    now = clock.now()
    flaws = [
        Flaw(f"/scopes/{index}", "scope", "Choose a scope that the organisation's roles allow, and that you may give.")
        for index, scope in enumerate(asked.scopes or ())
        if scope not in SCOPES or scope not in allowed
    ]
    if asked.expires_at is not None and asked.expires_at <= now:
        flaws.append(Flaw("/expires_at", "past", "Choose a moment that lies ahead."))
    _refuse(flaws)
    credential, secret = make_credential(asked.public_key)
    client = Client(
        tenant_id=organisation.id, id=ids.uuid7(), name=asked.name, created_at=now, expires_at=asked.expires_at,
        scopes=list(allowed) if asked.scopes is None else sorted(set(asked.scopes)),
        created_by=by.client if by is not None and by.organisation == organisation.id else None,
        secret_digest=credential.secret_digest, public_key=credential.public_key,
    )  # fmt: skip
    session.add(client)
    session.flush()
    record(session, by, "client.create", client.id)
    return client, secret


def list_clients(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[Client]:
    """Return a page of the organisation's clients, newest first, and one row more where another page follows."""
    query = select(Client).where(Client.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, Client.id, limit, after)).all()


def rotate(
    session: TenantSession,
    principal: Principal,
    id_: UUID,
    key: EllipticKey | EdwardsKey | None,
    overlap: timedelta,
) -> tuple[Client, str | None]:
    """Give a client a new credential; the present one stays valid for the overlap, and any older one ends now."""
    _lock(session, principal, id_)
    giver, client, now = giver_of(session, principal), _find(session, principal, id_), clock.now()
    if client.revoked_at is not None or (client.expires_at is not None and client.expires_at <= now):
        raise Refusal("conflict", "The client is revoked or expired; create a new one.")
    if not principal.may(*client.scopes) or giver.outlived_by(client.expires_at):
        raise Refusal("forbidden", "The client holds scopes that you do not, or outlives you.")
    credential, secret = make_credential(key)
    keeps = overlap > timedelta(0)
    client.old_secret_digest = client.secret_digest if keeps else None
    client.old_public_key = client.public_key if keeps else None
    client.old_until = now + overlap if keeps else None
    client.secret_digest, client.public_key = credential
    session.flush()
    record(session, principal, "client.rotate", client.id)
    return client, secret


def revoke(session: TenantSession, principal: Principal, id_: UUID) -> Client:
    """Revoke a client for good, with every token it has; revoking it again changes nothing."""
    client = _find(session, principal, id_)
    if client.revoked_at is None:
        client.revoked_at = clock.now()
        session.flush()
        record(session, principal, "client.revoke", client.id)
    return client


def _lock(session: TenantSession, principal: Principal, id_: UUID) -> None:
    """Lock both clients in one order: two that rotate each other would wait for one another."""
    both = (Client.tenant_id == tenant_of(principal)) & Client.id.in_({principal.client, id_})
    session.execute(select(Client.id).where(both).order_by(Client.id).with_for_update())


def _find(session: TenantSession, principal: Principal, id_: UUID) -> Client:
    """Return a client of the organisation, locked unless it is revoked."""
    query = select(Client).where(_is(principal, id_))
    locked = session.scalars(query.with_for_update()).one_or_none()
    found = locked or session.scalars(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def _is(principal: Principal, id_: UUID) -> ColumnElement[bool]:
    return (Client.tenant_id == tenant_of(principal)) & (Client.id == id_)


def _refuse_outliving(giver: Giver, asked: Registration) -> None:
    flaw = Flaw("/expires_at", "too_late", "The new client must not outlive the one that creates it.")
    _refuse([flaw] if giver.outlived_by(asked.expires_at) else [])


def _refuse(flaws: Sequence[Flaw]) -> None:
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
