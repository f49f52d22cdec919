"""Use cases of the public registry: what anybody may read, as of a moment.

Invariants: only what both parties published is here, and no tenant is needed to read it; the status is that of the
status list at the moment of reading; bands are compared by their upper, worse bound. Entries grow old by the day of
issue, whatever their status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, false, func, literal, select
from sqlalchemy.orm import undefer

from api.db.session import TenantSession
from api.http.paging import page_of
from api.identity.identifiers import key_of_name
from api.identity.models import Organisation
from api.problems import not_found
from api.publication.models import RegistryEntry
from api.transparency.models import StatusPlace
from attestations.status_list import AttestationStatus
from questionnaires.scales import BANDS

STALE, ARCHIVED = 12, 36
"""Months from issue."""
MONTHS = 12
_LAST_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a reader looks for; None asks nothing."""

    name: str | None = None
    lei: str | None = None
    organisation: UUID | None = None
    worst_band: str | None = None
    questionnaire: str | None = None
    issued_since: date | None = None
    status: str | None = None
    stale: bool | None = None
    archived: bool = False


class Listed(NamedTuple):
    """An entry, and what became of it until the moment of reading."""

    entry: RegistryEntry
    status: str
    age: str


def search(session: TenantSession, wanted: Search, at: datetime, limit: int, after: UUID | None) -> Sequence[Listed]:
    """Return a page of the entries that are published, newest first, and one more."""
    published = _entries(at).where(RegistryEntry.withdrawn_at.is_(None), *_asked(wanted, at))
    rows = session.execute(page_of(published, RegistryEntry.id, limit, after))
    return [Listed(entry, status, age) for entry, status, age in rows]


def read(session: TenantSession, id_: UUID, at: datetime, *whole: Any) -> Listed:
    """Return an entry, also one that is archived or withdrawn; `whole` names the columns to read with it."""
    query = _entries(at).where(RegistryEntry.id == id_).options(*(undefer(column) for column in whole))
    found = session.execute(query).one_or_none()
    if found is None:
        raise not_found()
    return Listed(*found)


def find_entry(session: TenantSession, attestation: UUID) -> UUID | None:
    """Return the id under which an attestation is published now, or None."""
    published = (RegistryEntry.attestation_id == attestation, RegistryEntry.withdrawn_at.is_(None))
    return session.scalars(select(RegistryEntry.id).where(*published)).one_or_none()


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or the last one that it has."""
    years, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    for number in range(day.day, _LAST_DAYS, -1):
        try:
            return date(years, month + 1, number)
        except ValueError:
            continue
    return date(years, month + 1, min(day.day, _LAST_DAYS))


def _entries(at: datetime) -> Select[RegistryEntry, str, str]:
    is_here = StatusPlace.index == RegistryEntry.status_index
    return select(RegistryEntry, _status(at), _age(at)).outerjoin(StatusPlace, is_here)


def _status(at: datetime) -> ColumnElement[str]:
    known = {
        AttestationStatus.REVOKED: "revoked", AttestationStatus.SUPERSEDED: "superseded",
        AttestationStatus.SUSPENDED: "suspended",
    }  # fmt: skip
    whens = [(StatusPlace.status == int(status), literal(word)) for status, word in known.items()]
    return case(*whens, (RegistryEntry.valid_until < at.date(), literal("expired")), else_=literal("valid"))


def _age(at: datetime) -> ColumnElement[str]:
    return case(
        (_is_older(at, ARCHIVED), literal("archived")), (_is_older(at, STALE), literal("stale")), else_=literal("fresh")
    )


def _is_older(at: datetime, months: int) -> ColumnElement[bool]:
    """Tell whether the day that so many months ago was is after the day of issue."""
    return RegistryEntry.issued_at < datetime.combine(months_before(at.date(), months), time(), UTC)


def _asked(wanted: Search, at: datetime) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.name is not None:
        asked.append(_is_named(wanted.name))
    if wanted.lei is not None:
        asked.append(RegistryEntry.respondent_id.in_(select(Organisation.id).where(Organisation.lei == wanted.lei)))
    if wanted.organisation is not None:
        named = wanted.organisation
        asked.append((RegistryEntry.respondent_id == named) | (RegistryEntry.issuer_id == named))
    if wanted.worst_band is not None:
        asked.append(RegistryEntry.band_rank <= BANDS.index(wanted.worst_band))
    if wanted.questionnaire is not None:
        id_, _, revision = wanted.questionnaire.partition("@")
        asked.append(RegistryEntry.questionnaire_id == id_)
        if revision:
            asked.append(RegistryEntry.questionnaire_revision == revision)
    if wanted.issued_since is not None:
        asked.append(RegistryEntry.issued_at >= datetime.combine(wanted.issued_since, time(), UTC))
    return [*asked, *_of_age(wanted, at)]


def _of_age(wanted: Search, at: datetime) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        asked.append(_status(at) == wanted.status)
    if not wanted.archived:
        asked.append(~_is_older(at, ARCHIVED))
    if wanted.stale is not None:
        asked.append(_is_older(at, STALE) if wanted.stale else ~_is_older(at, STALE))
    return asked


def _is_named(name: str) -> ColumnElement[bool]:
    """Tell whether words of the respondent's name begin as the text does; one without a letter or digit finds none."""
    key = key_of_name(name)  # letters, digits and single spaces: no sign that LIKE would read
    return func.concat(" ", RegistryEntry.respondent_key).like(f"% {key}%") if key else false()
