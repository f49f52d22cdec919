"""Name every problem of a document, each with its JSON pointer, without repeating the document.

Invariant: the text holds the place and the rule only; pydantic's own text would show the input.
"""

from pydantic import ValidationError

MAX_PROBLEMS = 100
"""A hostile document has as many problems as its author likes; nobody reads more than this."""
_QUOTING = frozenset({"union_tag_invalid"})
"""Kinds of problem whose text in pydantic quotes the input."""


def name_problems(error: ValidationError) -> tuple[str, ...]:
    """Return one line per problem: a JSON pointer (RFC 6901), a colon and the rule that was broken."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"{_pointer(problem['loc'])}: {'not a known kind' if problem['type'] in _QUOTING else problem['msg']}"
        for problem in found[:MAX_PROBLEMS]
    ]
    if len(found) > MAX_PROBLEMS:
        lines.append(f"and {len(found) - MAX_PROBLEMS} more")
    return tuple(lines)


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location) or "/"
