"""What a schema cannot say about a value: that a day exists, a figure lies within bounds, a check digit is right.

Invariants: only values whose shape is right come here; no message repeats a stated value; rows that a value names are
those of the same document.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from questionnaires.definition import (
    AnswerField,
    Column,
    DateField,
    DateRangeField,
    DecimalField,
    OrganisationField,
    ProductField,
    Question,
    Questionnaire,
    TableField,
)
from questionnaires.shape import Problem, pointer_of

_CHECKED = DateField | DateRangeField | DecimalField | OrganisationField | ProductField
NO_PRODUCT = "Name the row id of a product that this submission describes."
NO_DAY = "There is no such day; write a day of the calendar as YYYY-MM-DD."


def checked_questions(questionnaire: Questionnaire) -> frozenset[str]:
    """Return the ids of the questions whose values have something to check here."""
    return frozenset(id_ for id_, question in questionnaire.questions.items() if any(_fields(question)))


def _fields(question: Question) -> Iterator[str]:
    for name, field in question.fields.items():
        columns = field.columns.values() if isinstance(field, TableField) else ()
        if isinstance(field, _CHECKED) or any(isinstance(column, _CHECKED) for column in columns):
            yield name


def find_problems(
    question: Question, value: Mapping[str, Any], products: Collection[str], base: tuple[str, ...]
) -> Iterator[Problem]:
    """Yield what is wrong with the values of an answer; `base` is where the value stands."""
    for name in _fields(question):
        if name not in value:
            continue
        field, stated = question.fields[name], value[name]
        if isinstance(field, TableField):
            columns = [(c, column) for c, column in field.columns.items() if isinstance(column, _CHECKED)]
            for index, line in enumerate(stated):
                for column_name, column in columns:
                    if column_name in line:
                        place = (*base, name, str(index), column_name)
                        yield from _check(column, line[column_name], products, place)
        else:
            yield from _check(field, stated, products, (*base, name))


def _check(
    field: AnswerField | Column, stated: Any, products: Collection[str], place: tuple[str, ...]
) -> Iterator[Problem]:
    match field:
        case ProductField() if stated not in products:
            yield Problem(pointer_of(*place), "unknown_row", NO_PRODUCT)
        case DateField() if not _is_day(stated):
            yield Problem(pointer_of(*place), "format", NO_DAY)
        case DateRangeField():
            yield from _check_range(stated, place)
        case DecimalField() if Decimal(stated) < Decimal(field.minimum):
            yield Problem(pointer_of(*place), "too_small", "This number is below what is allowed here.")
        case DecimalField() if Decimal(stated) > Decimal(field.maximum):
            yield Problem(pointer_of(*place), "too_large", "This number is above what is allowed here.")
        case OrganisationField() if "lei" in stated and not is_lei(stated["lei"]):
            detail = "The check digits of this LEI do not fit; copy it anew, or leave it out."
            yield Problem(pointer_of(*place, "lei"), "format", detail)


def _check_range(stated: Mapping[str, str], place: tuple[str, ...]) -> Iterator[Problem]:
    wrong = [end for end in ("from", "to") if not _is_day(stated[end])]
    yield from (Problem(pointer_of(*place, end), "format", NO_DAY) for end in wrong)
    if not wrong and stated["to"] < stated["from"]:
        yield Problem(pointer_of(*place, "to"), "order", "The period ends before it begins; exchange the days.")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_lei(text: str) -> bool:
    """Return whether the check digits of an LEI fit (ISO 17442: ISO 7064, MOD 97-10)."""
    return int("".join(str(int(character, 36)) for character in text)) % 97 == 1
