"""What holds the printed band: the caps of the result in words, each once, with the rows that it holds.

Invariants: only what stands in the signed result is printed; a cap that open answers could still lift is told so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from questionnaires.criteria import Criteria

Owners = Mapping[tuple[str, str], tuple[str, str]]
COMPLETENESS = "completeness"


class HoldView(NamedTuple):
    """A cap: its code and name, the marks of the rows that it holds, what it does, and what that was read from."""

    code: str
    name: str
    marks: tuple[str, ...]
    """Marks of deployments; none for the company as a whole."""
    effect: str
    because: tuple[str, ...]
    certain: bool


def list_holds(result: Mapping[str, Any], criteria: Criteria, owners: Owners) -> tuple[HoldView, ...]:
    """Return the caps of a signed result, in its order; none where its engine knows none."""
    marks: dict[tuple[str, str, tuple[str, ...], bool], list[str]] = {}
    for hold in result.get("caps", ()):
        key = (hold["cap"], hold["effect"], tuple(hold["because"]), hold["certain"])
        found = marks.setdefault(key, [])
        if hold["row"]:
            found.append(owners["deployment", hold["row"]][0])
    return tuple(
        HoldView(code, name_cap(code, criteria), tuple(sorted(found, key=_order)), effect, _words(because), certain)
        for (code, effect, because, certain), found in marks.items()
    )


def name_cap(code: str, criteria: Criteria) -> str:
    """Return what a cap is about."""
    return "Units without a deployment" if code == COMPLETENESS else criteria.caps[code].name


def name_code(code: str) -> str:
    """Return a cap's code as it is printed."""
    return code.capitalize()


def _order(mark: str) -> tuple[int, str]:
    return len(mark), mark


def _words(because: Sequence[str]) -> tuple[str, ...]:
    return tuple(place.replace(":", " ", 1) for place in because)
