"""The people of an access can be erased by either side, once it is over; what was read, and when, stays told."""

from typing import Any

import pytest

from tests.break_glass.test_break_glass import REASON, Case, case, changed
from tests.service import Party

__all__ = ["case"]
INES = {"what": "person", "person": "Ines Okoro", "reason": "Asked for it"}


def erase(who: Party, **asked: Any) -> tuple[int, int]:
    """Erase a person as an organisation; return in how many accesses something went, and in how many it stays."""
    answer = who.post("/v1/erasures", {**INES, **asked})
    assert answer.status_code == 201, answer.text
    ((went, stays),) = [
        (line["went"], line["stays"]) for line in answer.json()["report"] if line["place"] == "break_glass_access"
    ]
    return went, stays


def shown(case: Case) -> dict[str, Any]:
    """Return the access as its owner sees it."""
    (access,) = case.vendor.get("/v1/break-glass-accesses").json()["items"]
    found: dict[str, Any] = access
    return found


@pytest.mark.parametrize("side", ["first", "vendor"])
def test_either_side_erases_who_asked_once_it_is_over(case: Case, side: str) -> None:
    who = {"first": case.first, "vendor": case.vendor}[side]
    access = case.open()
    case.read(access)
    before = shown(case)
    assert erase(who) == (0, 1)
    assert shown(case) == before
    case.vendor.post(f"/v1/break-glass-accesses/{access}:end")
    before = shown(case)
    assert erase(who) == (1, 0)
    assert shown(case) == {**before, "requested_person": None}
    assert erase(who, person="Tomas Vrba") == (1, 0)
    assert shown(case) == {**before, "requested_person": None, "approved_person": None}
    assert erase(who) == (0, 0)


def test_a_reason_goes_with_the_person_that_it_names_and_no_other_does(case: Case) -> None:
    access = case.ask(reason=REASON + " Ada verrin asked.").json()["id"]
    case.vendor.post(f"/v1/break-glass-accesses/{access}:end")
    assert erase(case.vendor, person="Nobody Known") == (0, 0)
    assert shown(case)["reason"].startswith(REASON)
    assert erase(case.vendor, person="Ada Verrin") == (1, 0)
    assert "verrin" not in str(shown(case)).casefold()
    assert shown(case)["requested_person"] == "Ines Okoro"


def test_nobody_else_erases_and_an_erased_access_opens_nothing(case: Case) -> None:
    access = case.open()
    case.vendor.post(f"/v1/break-glass-accesses/{access}:end")
    assert erase(case.investor) == (0, 0)
    assert shown(case)["requested_person"] == "Ines Okoro"
    erase(case.first)
    assert case.approve(access).status_code == 409
    assert case.read(access).status_code == 403


def test_who_leaves_takes_the_people_and_reasons_along(case: Case) -> None:
    access = case.open()
    case.first.post(f"/v1/break-glass-accesses/{access}:end", headers={"Enduse-Acting-Person": "Ines%20Okoro"})
    leaving = {"what": "organisation", "organisation": case.vendor.id, "reason": "We leave"}
    assert case.vendor.post("/v1/erasures", leaving).status_code == 201
    (seen,) = case.first.get("/v1/break-glass-accesses?side=asked").json()["items"]
    assert (seen["requested_person"], seen["approved_person"], seen["ended_by"]) == (None, None, case.first.id)
    assert REASON not in seen["reason"]


def test_the_serving_role_takes_no_name_away_by_itself(case: Case) -> None:
    case.ask()
    for change in ("requested_person = null", "reason = repeat('x', 20)", "approved_at = now(), approved_by = id"):
        assert changed(case, f"update break_glass_access set {change}") == 0, change
