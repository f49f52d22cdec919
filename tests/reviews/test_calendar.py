"""Working days, against the calendar of 2026 and against a count by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reviews.calendar import SHORTEST_REPLY, add_working_days, is_working_day

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
HOLIDAYS = st.frozensets(st.dates(date(2020, 1, 1), date(2041, 12, 31)), max_size=40)


@pytest.mark.parametrize(
    ("start", "days", "holidays", "end"),
    [
        (date(2026, 11, 25), 1, set(), date(2026, 11, 26)),
        (date(2026, 11, 27), 1, set(), date(2026, 11, 30)),
        (date(2026, 11, 28), 1, set(), date(2026, 11, 30)),
        (date(2026, 11, 25), 20, set(), date(2026, 12, 23)),
        (date(2026, 12, 1), 20, {date(2026, 12, 25)}, date(2026, 12, 30)),
        (date(2026, 12, 1), 20, {date(2026, 12, 26)}, date(2026, 12, 29)),  # a Saturday anyway
        (date(2026, 11, 25), 0, set(), date(2026, 11, 25)),
        (date(2028, 2, 28), 1, set(), date(2028, 2, 29)),
    ],
)
def test_the_end_of_so_many_working_days(start: date, days: int, holidays: set[date], end: date) -> None:
    assert add_working_days(start, days, holidays) == end


@given(DAYS, st.integers(1, 60), HOLIDAYS)
def test_exactly_so_many_working_days_lie_between(start: date, days: int, holidays: frozenset[date]) -> None:
    end = add_working_days(start, days, holidays)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day, holidays) for day in between) == days
    assert is_working_day(end, holidays)


@given(DAYS, HOLIDAYS, DAYS)
def test_a_further_holiday_never_shortens_the_time(start: date, holidays: frozenset[date], more: date) -> None:
    assert add_working_days(start, 20, holidays | {more}) >= add_working_days(start, 20, holidays)


@given(DAYS)
def test_the_shortest_time_to_reply_takes_the_days_that_the_database_asks_for(start: date) -> None:
    assert add_working_days(start, SHORTEST_REPLY) >= start + timedelta(days=26)
