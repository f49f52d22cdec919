"""The only place that reads the time.

Invariant: every moment in the service is an aware UTC datetime and every date is a UTC date.
"""

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the present moment, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present date in UTC."""
    return now().date()
