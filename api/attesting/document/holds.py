"""Caps in words: each of the result's once, with the rows that it bears on and what it was read from.

Invariants: only what stands in the signed result is printed; a cap that open answers could still lift is told so; rows
are named by their marks, never by ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.attesting.document.answers import Names
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.engine_2.remainders import CODE as COMPLETENESS
from questionnaires.redlines import Review


class HoldView(NamedTuple):
    """A cap: its code and name, the marks of the rows that it bears on, what it does, and what that was read from."""

    code: str
    name: str
    marks: tuple[str, ...]
    """Marks of deployments; none for the company."""
    effect: str
    because: tuple[str, ...]
    certain: bool


def list_holds(
    result: Mapping[str, Any], criteria: Criteria, questionnaire: Questionnaire, names: Names
) -> tuple[HoldView, ...]:
    """Return the caps of a signed result, in its order; none where its engine knows none."""
    marks: dict[tuple[str, str, tuple[str, ...], bool], list[str]] = {}
    for hold in result.get("caps", ()):
        found = marks.setdefault((hold["cap"], hold["effect"], tuple(hold["because"]), hold["certain"]), [])
        if hold["row"]:
            found.append(names.owners["deployment", hold["row"]][0])
    return tuple(
        HoldView(
            code, _name(code, effect, criteria), tuple(sorted(found, key=_order)), effect,
            tuple(dict.fromkeys(_words(because, questionnaire, names))), certain,
        )
        for (code, effect, because, certain), found in marks.items()
    )  # fmt: skip


def list_settled(review: Review, criteria: Criteria, names: Names) -> tuple[str, ...]:
    """Return the contradictions that a reviewer settled, by name and mark; they count no more."""
    found = []
    for settled in sorted(review.resolved):
        code, _, row = settled.partition("/")
        mark = names.owners.get(("deployment", row), ("",))[0]
        name = criteria.contradictions[code].name if code in criteria.contradictions else ""
        found.append(" ".join(filter(None, (code, name, f"({mark})" if mark else ""))))
    return tuple(found)


def name_cap(code: str, criteria: Criteria) -> str:
    """Return what a cap is about."""
    return "Units without a deployment" if code == COMPLETENESS else criteria.caps[code].name


def name_code(code: str) -> str:
    """Return a cap's code as it is printed."""
    return code.capitalize() if code == COMPLETENESS else code


def _name(code: str, effect: str, criteria: Criteria) -> str:
    """Return what a cap is about; of contradictions, which one: its code begins what the cap does."""
    clash = criteria.contradictions.get(effect.partition(":")[0])
    return name_cap(code, criteria) if clash is None else f"{name_cap(code, criteria)}: {clash.name}"


def _order(mark: str) -> tuple[int, str]:
    return len(mark), mark


def _words(because: Sequence[str], questionnaire: Questionnaire, names: Names) -> Iterator[str]:
    """Yield what a cap was read from: sections, places by name, questions, and answers by row where rows are named."""
    of_rows: dict[str, list[str]] = {}
    for place in because:
        kind, _, code = place.partition(":")
        row, _, question = place.rpartition("/")
        if kind == "place":
            yield names.place(code)
        elif code:
            yield f"{kind} {code}"
        elif row:
            group = questionnaire.questions[question].per
            of_rows.setdefault(names.owners[group, row][0], []).append(question)
        else:
            yield place.partition(".")[0]
    for mark in sorted(of_rows, key=_order):
        yield f"{mark}: {' '.join(of_rows[mark])}"
