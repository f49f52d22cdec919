"""The scopes of access tokens: one policy table, as data.

Invariant: a client holds only scopes that its organisation's roles allow; every protected route names one scope.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from api.tenancy import Role


class Scope(NamedTuple):
    """What a scope lets a client do, and which roles may hold it."""

    does: str
    roles: frozenset[Role]


_ALL = frozenset({Role.INVESTOR, Role.VENDOR, Role.AUDITOR})
_PARTIES = frozenset({Role.INVESTOR, Role.VENDOR})
_GLASS = frozenset({Role.VENDOR, Role.OPERATOR})

SCOPES: Mapping[str, Scope] = {
    "organisations:read": Scope("find organisations, and read what is known of them", frozenset(Role)),
    "organisations:write": Scope(
        "create, correct and merge organisations, create their clients, approve claims", frozenset({Role.OPERATOR})
    ),
    "records:write": Scope("name a vendor that nobody runs yet", frozenset({Role.INVESTOR})),
    "records:join": Scope("join a record that one has claimed to one's own organisation", frozenset({Role.VENDOR})),
    "tokens:introspect": Scope("see the state of every organisation's tokens", frozenset({Role.OPERATOR})),
    "quotas:write": Scope("set what an organisation may use", frozenset({Role.OPERATOR})),
    "usage:read": Scope("read what one's own organisation uses and may use", frozenset(Role)),
    "clients:read": Scope("list the clients of one's own organisation", frozenset(Role)),
    "clients:write": Scope("create, rotate and revoke clients of one's own organisation", frozenset(Role)),
    "catalogue:read": Scope("read questionnaires, criteria and context snapshots", frozenset(Role)),
    "questionnaires:write": Scope(
        "write, publish and translate one's own organisation's questionnaires", frozenset({Role.INVESTOR})
    ),
    "overlays:write": Scope("write and publish overlays of one's own on criteria", frozenset({Role.INVESTOR})),
    "overlays:read": Scope("read one's own published overlays", frozenset({Role.INVESTOR})),
    "contexts:write": Scope("make a context of one's own", frozenset({Role.INVESTOR})),
    "audit:read": Scope("read what happened in one's own organisation", frozenset(Role)),
    "exports:write": Scope("export all data of one's own organisation, and fetch it", frozenset(Role)),
    "retention:write": Scope("see and choose how long one's own data stays", frozenset(Role)),
    "erasures:write": Scope("erase a person's data, or one's own organisation's", frozenset(Role)),
    "requests:issue": Scope("issue disclosure requests", frozenset({Role.INVESTOR})),
    "requests:read": Scope("read disclosure requests that one issued or received", _PARTIES),
    "answers:write": Scope("save, validate and submit answers, attach evidence", frozenset({Role.VENDOR})),
    "answers:read": Scope("read one's own drafts", frozenset({Role.VENDOR})),
    "submissions:read": Scope("read sealed submissions, their evidence and scorecards", _ALL),
    "assessments:write": Scope("have submissions that one asked for scored again", frozenset({Role.INVESTOR})),
    "assessments:read": Scope("read assessments that are kept", frozenset({Role.INVESTOR})),
    "grants:write": Scope("grant others access to one's sealed submissions and attestations", frozenset({Role.VENDOR})),
    "gradings:write": Scope("grade evidence", frozenset({Role.INVESTOR, Role.AUDITOR})),
    "reviews:write": Scope("open and decide reviews of submissions that one asked for", frozenset({Role.INVESTOR})),
    "reviews:reply": Scope("reply to reviews of one's own submissions", frozenset({Role.VENDOR})),
    "reviews:read": Scope("read reviews that one opened or received", _PARTIES),
    "screenings:write": Scope("screen the names of a sealed submission against lists", _PARTIES),
    "screenings:decide": Scope("confirm or dismiss candidates of a screening", _PARTIES),
    "screenings:read": Scope("read one's own screenings, and what was confirmed about one's submissions", _PARTIES),
    "screenings:allow": Scope("allow that names are sent to an outside service", _PARTIES),
    "attestations:issue": Scope("preview and issue attestations", frozenset({Role.INVESTOR})),
    "attestations:revoke": Scope("revoke attestations that one issued, or withdraw one's declaration", _PARTIES),
    "attestations:read": Scope("read attestations that one issued, received or was granted", _ALL),
    "publications:write": Scope(
        "propose, agree to and withdraw the publication of attestations that one issued or received", _PARTIES
    ),
    "publications:read": Scope("read what one's own organisation published, or is asked to", _PARTIES),
    "break-glass:use": Scope("ask for a break-glass access, and read what it opens", frozenset({Role.OPERATOR})),
    "break-glass:approve": Scope("approve a colleague's break-glass access", frozenset({Role.OPERATOR})),
    "break-glass:read": Scope("list break-glass accesses to what is one's own, or that one asked for", _GLASS),
    "break-glass:end": Scope("end such an access at once", _GLASS),
}


def scopes_for(roles: Iterable[Role]) -> list[str]:
    """Return every scope that an organisation with these roles may give its clients, in the table's order."""
    held = frozenset(roles)
    return [name for name, scope in SCOPES.items() if scope.roles & held]
