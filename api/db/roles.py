"""The three database roles.

Invariants: `enduse_owner` owns and migrates, `enduse_app` serves and owns nothing, `enduse_system` cannot log in and
owns the few look-up functions that read across tenants. The owner may act as `enduse_system` but does not inherit from
it; the serving role is no member of anything.
"""

from typing import Any

import psycopg
from psycopg import sql

OWNER = "enduse_owner"
APP = "enduse_app"
SYSTEM = "enduse_system"

_INHERIT_PER_GRANT = 160000
"""First server version in which inheritance belongs to the grant instead of the member."""


class RolesMissingError(RuntimeError):
    """The server lacks a role that the migrations need; the message names it and what to do."""


def create_roles(superuser: psycopg.Connection[Any], passwords: dict[str, str]) -> None:
    """Make the roles that are missing, with the passwords of those that log in; running it again changes nothing."""
    present = {row[0] for row in superuser.execute("select rolname from pg_roles")}
    for role in (OWNER, APP, SYSTEM):
        if role in present:
            continue
        login = sql.SQL("login password {}").format(passwords[role]) if role in passwords else sql.SQL("nologin")
        superuser.execute(sql.SQL("create role {} {}").format(sql.Identifier(role), login))
    if superuser.info.server_version >= _INHERIT_PER_GRANT:
        superuser.execute(f"grant {SYSTEM} to {OWNER} with inherit false, set true")
    else:
        superuser.execute(f"alter role {OWNER} noinherit")
        superuser.execute(f"grant {SYSTEM} to {OWNER}")


def require_roles(owner: psycopg.Connection[Any]) -> None:
    """Raise RolesMissingError unless the serving and the system role exist and the owner may act as the latter."""
    present = {row[0] for row in owner.execute("select rolname from pg_roles")}
    missing = [role for role in (APP, SYSTEM) if role not in present]
    if missing:
        raise RolesMissingError(f"create the database role(s) {', '.join(missing)} first, as described for operators")
    member = owner.execute("select pg_has_role(current_user, %s, 'MEMBER')", [SYSTEM]).fetchone()
    if member is None or not member[0]:
        raise RolesMissingError(f"grant {SYSTEM} to the migrating role first (with inherit false, set true)")
