"""Parsed JSON bodies: what no answer can hold, whatever the questionnaire asks.

Invariants: a body that passes has canonical bytes (no fractions) and can be kept by the database (no NUL, no half of a
surrogate pair) and read by the validator (no deep nesting). Linear in the size of the body; never recursive.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

DEEPEST = 16
"""Levels of nesting; an answer document has nine."""
MOST_ENTRIES = 2000
"""Entries of one list or names of one object; a table has as many rows at most."""
LONGEST_NAME = 100
"""Characters of a name; an answer document's are 40 at most. Pointers repeat names, so that long ones multiply."""


class Unfit(NamedTuple):
    """Where a body cannot be taken as it is, a short code, and what to do."""

    path: tuple[str, ...]
    code: str
    detail: str


def is_plain(body: object) -> bool:
    """Return whether a body is surely fit as far as its values go: the quick reading that most bodies pass.

    Its names are not looked at: only a body whose schema knows all names is then fit.
    """
    level: list[Any] = [[body]]
    for _ in range(DEEPEST + 2):
        if not level:
            return True
        inner: list[Any] = []
        for value in level:
            if len(value) > MOST_ENTRIES:
                return False
            for child in value.values() if type(value) is dict else value:
                kind = type(child)
                if kind is str:
                    if "\0" in child or not (child.isascii() or _is_storable(child)):
                        return False
                elif kind is dict or kind is list:
                    inner.append(child)
                elif kind is float:
                    return False
        level = inner
    return False


def find_unfit(body: object) -> Iterator[Unfit]:
    """Yield every part of a parsed body that no answer can hold."""
    pending: list[tuple[tuple[str, ...], object]] = [((), [body])]
    while pending:
        path, value = pending.pop()
        if len(path) > DEEPEST + 1:
            yield Unfit(path[1:], "depth", "This is nested deeper than any answer.")
            continue
        if isinstance(value, dict | list) and len(value) > MOST_ENTRIES:
            yield Unfit(path[1:], "size", "There are more entries than any answer has.")
            continue
        if isinstance(value, dict) and any(len(name) > LONGEST_NAME for name in value):
            yield Unfit(path[1:], "name", f"A name here is longer than {LONGEST_NAME} characters.")
            continue
        if isinstance(value, dict) and not all(map(_is_storable, value)):
            yield Unfit(path[1:], "text", "A name here holds a NUL or half of a surrogate pair; remove it.")
            continue
        for key, child in _children(value):
            if isinstance(child, dict | list):
                pending.append(((*path, key), child))
            elif isinstance(child, float):
                yield Unfit((*path, key)[1:], "type", "Write a whole number, without a point or an exponent.")
            elif isinstance(child, str) and not _is_storable(child):
                yield Unfit((*path, key)[1:], "text", "This text holds a NUL or half of a surrogate pair; remove it.")


def _children(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return value.items()
    assert isinstance(value, list)
    return ((str(index), item) for index, item in enumerate(value))


def _is_storable(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True
