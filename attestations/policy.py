"""What a caller asks of an attestation beyond its being genuine.

Invariants: a policy never makes a file pass that would not pass without it; every unmet wish is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from attestations.countersignatures.wishes import NOTHING, Wishes
from attestations.in_toto import AnyStatement
from attestations.statement import read_instant
from questionnaires.criteria import BANDS

PERCENT = 100
_ALL_DAYS = 10_000_000
"""More than the calendar has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The wishes; what is left at its default is not asked for."""

    issuer: str | None = None
    """The id of the investor that must have asked."""
    questionnaire: str | None = None
    """`id` or `id@revision`."""
    most_days: int | None = None
    """How old the attestation may be."""
    least_coverage: int | None = None
    """Answered questions in percent of those asked, rounded down."""
    worst_band: str | None = None
    """The upper bound of the printed band: a range is read at its worse end."""
    no_open_red_line: bool = False
    log_required: bool = False
    status_required: bool = False
    timestamp_required: bool = False
    beside: Wishes = NOTHING
    """What is asked of countersignatures (step 10)."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked of the attestation itself."""
        return replace(self, beside=NOTHING) == Policy()


@dataclass(frozen=True, slots=True)
class Proven:
    """What the steps before found: inclusion in a log, a status, a trusted timestamp."""

    logged: bool
    status: bool
    timestamp: bool


def unmet(policy: Policy, statement: AnyStatement, proven: Proven, at: datetime) -> list[str]:
    """Return every wish that the statement or the proofs do not meet, in plain words."""
    company = statement.result.get("company")
    company = company if isinstance(company, Mapping) else {}
    wishes = (
        (policy.issuer is not None and policy.issuer != statement.issuer.id, "another investor issued it"),
        (not _is_named(policy.questionnaire, statement), "it answers another questionnaire"),
        (_is_older(policy.most_days, statement, at), f"it is older than {policy.most_days} days"),
        (
            policy.least_coverage is not None and _coverage(statement) < policy.least_coverage,
            f"less than {policy.least_coverage} percent of the questions are answered",
        ),
        (
            policy.worst_band is not None and _is_worse(company.get("band"), policy.worst_band),
            f"its band is, or may be, worse than {policy.worst_band}",
        ),
        (policy.no_open_red_line and _has_open_red_line(statement.result), "a red line is open or confirmed"),
        (policy.log_required and not proven.logged, "no proof that it is in a trusted log was given"),
        (policy.status_required and not proven.status, "no status as of the moment was given"),
        (policy.timestamp_required and not proven.timestamp, "it carries no trusted timestamp"),
    )
    return [sentence for failed, sentence in wishes if failed]


def _is_named(wanted: str | None, statement: AnyStatement) -> bool:
    named = statement.questionnaire
    return wanted is None or wanted in {named.id, f"{named.id}@{named.revision}"}


def _is_older(days: int | None, statement: AnyStatement, at: datetime) -> bool:
    if days is None:
        return False
    most = timedelta(days=max(-1, min(days, _ALL_DAYS)))  # a timedelta holds no more than 10^9
    return at - read_instant(statement.issued_at) > most


def _coverage(statement: AnyStatement) -> int:
    coverage = statement.result.get("coverage")
    asked, answered = (coverage.get(name) if isinstance(coverage, Mapping) else None for name in ("asked", "answered"))
    if type(asked) is not int or type(answered) is not int or asked <= 0:
        return 0
    return answered * PERCENT // asked


def _is_worse(band: object, than: str) -> bool:
    names: tuple[str, ...] = BANDS
    return band not in names or names.index(str(band)) > names.index(than)


def _has_open_red_line(result: Mapping[str, Any]) -> bool:
    lines = result.get("red_lines")
    if not isinstance(lines, list):
        return True  # an engine that does not look for red lines cannot rule them out
    return any(not isinstance(line, Mapping) or line.get("status") != "dismissed" for line in lines)
