"""Rate limits: so many requests a second, and so many at once, per key.

Invariants: the generic cell rate algorithm (GCRA): one moment per key, at which it is free again, says all; every
process counts in the same table; a refused request costs its sender nothing more; keys are ids or digests, no secrets.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from sqlalchemy import Column, DateTime, Table, Text, text

from api.db.base import Base
from api.db.session import TenantSession
from api.problems import Refusal

_table = Table(
    "rate_limit",
    Base.metadata,
    Column("key", Text(), primary_key=True),
    Column("free_at", DateTime(timezone=True), nullable=False),
    prefixes=["unlogged"],
)
_TAKE = text("""
    with taken as (
        insert into rate_limit as r values (:key, now() + :step)
        on conflict (key) do update set free_at = greatest(r.free_at, now()) + :step
        where greatest(r.free_at, now()) + :step <= now() + :burst
        returning free_at)
    select exists (select from taken), extract(epoch from (select free_at from rate_limit where key = :key) - now())
""")
_FORGET = text("delete from rate_limit where free_at < now()")


SIX = 6


class Limit(NamedTuple):
    """So many requests a second in the long run, and so many at once."""

    per_second: float
    at_once: int


def take(session: TenantSession, key: str, limit: Limit) -> None:
    """Count a request; refuse it with the seconds to wait if there were too many. The caller commits."""
    step, burst = timedelta(seconds=1 / limit.per_second), timedelta(seconds=limit.at_once / limit.per_second)
    allowed, ahead = session.execute(_TAKE, {"key": key, "step": step, "burst": burst}).one()
    if not allowed:
        wait = max(1, round(float(ahead) + step.total_seconds() - burst.total_seconds() + 0.5))
        raise Refusal("too_many", "Wait as long as Retry-After says.", headers={"Retry-After": str(wait)})


def key_of_address(host: str) -> str:
    """Return the key of an address: an IPv6 sender commands a whole /64, and is counted as one."""
    try:
        address = ip_address(host)
    except ValueError:
        return "address:unknown"
    return f"address:{ip_network(f'{host}/64', strict=False) if address.version == SIX else address}"


def forget_free(session: TenantSession) -> None:
    """Forget keys that are free: they would be counted from nothing anyway. The caller commits."""
    session.execute(_FORGET)
