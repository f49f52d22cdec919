"""Name every problem of a document, each with its JSON pointer, without repeating the document.

Invariant: the text holds the place and the rule only; pydantic's own text would show the input.
"""

from pydantic import ValidationError

MAX_PROBLEMS = 100
"""A hostile document has as many problems as its author likes; nobody reads more than this."""


def name_problems(error: ValidationError, below: str = "") -> tuple[str, ...]:
    """Return one line per problem: a JSON pointer (RFC 6901) that starts with `below`, a colon and the broken rule."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [
        f"{below + _pointer(problem['loc']) or '/'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in found[:MAX_PROBLEMS]
    ]
    if len(found) > MAX_PROBLEMS:
        lines.append(f"and {len(found) - MAX_PROBLEMS} more")
    return tuple(lines)


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
