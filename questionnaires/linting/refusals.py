"""What the model refuses, as findings: each with the place that its author wrote.

Invariants: the name of a kind or of an operator, which the model puts into its own paths, is taken out of them again;
of a text that is wrong throughout, only so much is told as somebody could mend.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from questionnaires.consistency import find_problems
from questionnaires.definition import MOST_QUESTIONS, Questionnaire, Section
from questionnaires.linting.catalogue import Finding, find
from questionnaires.shape import pointer_of

MOST_REFUSALS = 1000
"""What is told of one text, in the order in which it was read."""


def read_definition(value: Any) -> tuple[Questionnaire | None, tuple[Finding, ...]]:
    """Return the questionnaire that a value describes, or None with what the model refuses in it."""
    try:
        return Questionnaire.model_validate(value), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    if all(not detail["loc"] for detail in details) and isinstance(value, dict):
        return None, tuple(_flaws(value))
    return None, refusals_of(value, details)


def refusals_of(value: Any, details: Sequence[ErrorDetails]) -> tuple[Finding, ...]:
    """Return what a model refuses in a value, each with the place that stands in the value itself."""
    if len(details) > MOST_REFUSALS:
        told = refusals_of(value, details[:MOST_REFUSALS])
        rest = find("too-large", "", f"{len(details)} things are refused, too many to tell them all")
        return *told, rest._replace(mend="Mend those that are told, and ask again.")
    places = [tuple(_place(value, detail["loc"])) for detail in details]
    above = {place[:length] for place in places for length in range(len(place))}
    return tuple(
        _refusal(place, detail)
        for place, detail in zip(places, details, strict=True)
        if not (detail["type"] == "too_short" and place in above)  # what was refused within is not counted
    )


def _refusal(place: Sequence[int | str], detail: ErrorDetails) -> Finding:
    pointer, name = pointer_of(*map(str, place)), str(place[-1]) if place else ""
    match detail["type"]:
        case "missing":
            pointer = pointer_of(*map(str, place), str(detail["loc"][-1]))
            return find("missing-key", pointer, f"`{detail['loc'][-1]}` is missing")
        case "extra_forbidden":
            return find("unknown-key", pointer, f"`{name}` is not known here")
        case "union_tag_invalid":
            known = detail["ctx"]["expected_tags"].replace("'", "")
            return find("wrong-form", pointer, f"there is no kind `{detail['ctx']['tag']}`; there are {known}")
        case _:
            said = detail["msg"].removeprefix("Value error, ")
            return find("wrong-form", pointer, f"{said[:1].lower()}{said[1:]}")


def _place(value: Any, loc: Sequence[int | str]) -> list[int | str]:
    """Return the part of a model's path that stands in the value itself."""
    place: list[int | str] = []
    here = value
    for at, name in enumerate(loc):
        inside, there = _enter(here, name)
        following = loc[at + 1] if at + 1 < len(loc) else None
        is_tag = following is not None and not _enter(there, following)[0] and _enter(here, following)[0]
        if inside and not is_tag:
            place.append(name)
            here = there
    return place


def _enter(value: Any, name: int | str) -> tuple[bool, Any]:
    if isinstance(value, dict) and isinstance(name, str) and name in value:
        return True, value[name]
    if isinstance(value, list) and isinstance(name, int) and name < len(value):
        return True, value[name]
    return False, None


def _flaws(value: dict[str, Any]) -> Iterator[Finding]:
    """Yield what does not hold together in a definition of which every part is right by itself."""
    sections = tuple(Section.model_validate(section) for section in value["sections"])
    count = sum(len(section.questions) for section in sections)
    if count > MOST_QUESTIONS:
        yield find("too-large", pointer_of("sections"), f"there are more than {MOST_QUESTIONS} questions")
        return
    draft = Questionnaire.model_construct(**{**value, "sections": sections})
    places: dict[str, str] = {}
    gates: dict[str, str] = {}
    for at, section in enumerate(sections):
        places[section.code] = pointer_of("sections", str(at))
        for number, question in enumerate(section.questions):
            place = places[question.id] = pointer_of("sections", str(at), "questions", str(number))
            gates[question.id] = (places[section.code] if question.asked_when is None else place) + "/asked_when"
    for flaw in find_problems(draft):
        found = places if flaw.code in {"section-twice", "question-twice"} else gates
        yield find(flaw.code, found[flaw.at], flaw.sentence)
