"""Working days: date arithmetic and nothing else.

Invariants: Saturdays, Sundays and the days listed are no working days; the day of the opening does not count; more
holidays never bring a day nearer.
"""

from collections.abc import Collection
from datetime import date, timedelta

SHORTEST_REPLY = 20
LONGEST_REPLY = 120
"""Working days that a vendor has to reply, at least and at most."""
_SATURDAY = 5


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Tell whether people work on a day."""
    return day.weekday() < _SATURDAY and day not in holidays


def add_working_days(start: date, days: int, holidays: Collection[date] = frozenset()) -> date:
    """Return the day on which so many working days after `start` are over; `start` itself does not count.

    Ends whatever the holidays are, as there are finitely many. Raises OverflowError past the year 9999.
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day, holidays)
    return day
