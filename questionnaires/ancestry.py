"""Questionnaires built on others: whether the promise that `derived_from` makes is kept.

Invariants: `extends` keeps every question of the base as it stands, with all that decides when it is asked;
`complies_with` may word and order them anew, but every right answer to it is, carried over, a right answer to the base.
Pure: the base is given, and known by its digest.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from questionnaires.comparison import labels_of
from questionnaires.definition import (
    DecimalField,
    IntegerField,
    LongTextField,
    Question,
    Questionnaire,
    TableField,
    TextField,
)
from questionnaires.revisions import revision_digest
from questionnaires.shape import pointer_of


class Finding(NamedTuple):
    """What breaks the promise: a pointer into the derived questionnaire, a code, and a sentence about what to do."""

    pointer: str
    code: str
    detail: str


def check_derivation(derived: Questionnaire, base: Questionnaire) -> tuple[Finding, ...]:
    """Return what breaks the promise of a derived questionnaire; nothing where it makes none."""
    said = derived.derived_from
    if said is None:
        return ()
    if said.digest != revision_digest(base):
        detail = (
            "This is not the digest of the questionnaire it was held against; name the revision that it is built on."
        )
        return (Finding("/derived_from/digest", "other_base", detail),)
    places = _places(derived)
    check = _extends if said.relation == "extends" else _complies
    found: list[Finding] = []
    for id_, question in base.questions.items():
        if id_ not in places:
            detail = f"{id_} of the base is missing; take it over."
            found.append(Finding("/sections", "missing_question", detail))
            continue
        if _gates(derived, id_) != _gates(base, id_):
            detail = (
                f"{id_} is asked under another condition than in the base; its own and its section's must be the same."
            )
            found.append(Finding(f"{places[id_]}/asked_when", "condition", detail))
        found.extend(check(derived.questions[id_], question, places[id_]))
    return tuple(found)


def _places(questionnaire: Questionnaire) -> dict[str, str]:
    return {
        question.id: f"/sections/{number}/questions/{place}"
        for number, section in enumerate(questionnaire.sections)
        for place, question in enumerate(section.questions)
    }


def _gates(questionnaire: Questionnaire, id_: str) -> list[str]:
    """Return the conditions of a question in any order: whether one is the section's or its own does not matter."""
    return sorted(gate.model_dump_json(by_alias=True) for gate in questionnaire.gates.get(id_, ()))


def _extends(question: Question, base: Question, place: str) -> Iterator[Finding]:
    for name in Question.model_fields:
        if name not in {"asked_when", "fields"} and getattr(question, name) != getattr(base, name):
            detail = f"{question.id} differs from the base in {name}; an extension keeps it as it stands."
            yield Finding(f"{place}/{name}", "changed", detail)
    for name, field in base.fields.items():
        if question.fields.get(name) != field:
            detail = f"The field {name} of {question.id} is not that of the base; an extension keeps it as it stands."
            yield Finding(f"{place}/fields/{name}", "changed", detail)
    for name in question.fields.keys() - base.fields.keys():
        detail = f"The base has no field {name} in {question.id}; ask for it in a question of your own."
        yield Finding(f"{place}/fields/{name}", "added_field", detail)


def _complies(question: Question, base: Question, place: str) -> Iterator[Finding]:
    if question.per != base.per:
        yield Finding(f"{place}/per", "group", f"The base asks {base.id} per {base.per}.")
    if base.required and not question.required:
        yield Finding(f"{place}/required", "required", f"The base needs an answer to {base.id}.")
    if base.confidential and not question.confidential:
        yield Finding(f"{place}/confidential", "confidential", f"The base withholds {base.id} from publication.")
    yield from _complying_fields(question.fields, base.fields, f"{place}/fields")


def _complying_fields(fields: Any, base: Any, place: str) -> Iterator[Finding]:
    for name in base.keys() - fields.keys():
        yield Finding(place, "missing_field", f"The field {name} of the base is missing; take it over.")
    for name, field in fields.items():
        here = f"{place}{pointer_of(name)}"
        if name not in base:
            yield Finding(here, "added_field", "The base has no such field; ask for it in a question of your own.")
        elif field.kind != base[name].kind:
            yield Finding(f"{here}/kind", "kind", f"The base takes {base[name].kind} here.")
        else:
            yield from _complying_field(field, base[name], here)


def _complying_field(field: Any, base: Any, place: str) -> Iterator[Finding]:
    offered = labels_of(base)
    for part, choices in labels_of(field).items():
        keyword = part.strip() or "choices"
        for code in choices.keys() - offered[part].keys():
            detail = "The base does not offer this code; an answer with it could not be read there."
            yield Finding(f"{place}/{keyword}{pointer_of(code)}", "choice", detail)
    if isinstance(field, TableField):
        yield from _complying_fields(field.columns, base.columns, f"{place}/columns")
    for name in _wider(field, base):
        detail = f"This lets answers through that the base refuses; it allows {getattr(base, name)}."
        yield Finding(f"{place}/{name}", "wider", detail)


def _wider(field: Any, base: Any) -> Iterator[str]:
    """Yield the limits that are wider than the base's."""
    match field:
        case IntegerField():
            yield from (name for name, wide in (
                ("minimum", field.minimum < base.minimum), ("maximum", field.maximum > base.maximum)
            ) if wide)  # fmt: skip
        case DecimalField():
            yield from (name for name, wide in (
                ("places", field.places > base.places),
                ("minimum", Decimal(field.minimum) < Decimal(base.minimum)),
                ("maximum", Decimal(field.maximum) > Decimal(base.maximum)),
            ) if wide)  # fmt: skip
        case TextField() | LongTextField() if field.max_length > base.max_length:
            yield "max_length"
        case TableField() if field.max_rows > base.max_rows:
            yield "max_rows"
