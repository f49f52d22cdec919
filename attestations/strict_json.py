"""JSON from strangers: one meaning or none.

Invariants: the size is checked before parsing; a key given twice, a fraction, NaN and an integer beyond 2^53 are
refused, since two readers could take them for two different values; so is what nests deeper than those who write it
out again could follow; an error never repeats the input.
"""

import json
from typing import NoReturn

LARGEST_INTEGER = 2**53 - 1
MOST_LEVELS = 100
"""Objects and lists inside each other; ours have about 15."""


class StrictJSONError(ValueError):
    """The bytes are not JSON that every reader understands alike."""


def read_json(data: bytes, *, limit: int) -> object:
    """Return the JSON value of UTF-8 bytes; raise StrictJSONError, also for more than `limit` bytes."""
    if len(data) > limit:
        raise StrictJSONError(f"more than {limit} bytes")
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_int=_integer,
            parse_constant=_refuse_number,
        )
    except StrictJSONError:
        raise
    except UnicodeDecodeError as error:
        raise StrictJSONError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise StrictJSONError(f"not JSON (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise StrictJSONError("nested too deeply") from error
    if _is_deep(value):
        raise StrictJSONError("nested too deeply")
    return value


def _is_deep(value: object) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_LEVELS):
        level = [
            part
            for outer in level
            for part in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise StrictJSONError("an object names a key twice")
    return value


def _integer(text: str) -> int:
    if len(text) > len(str(LARGEST_INTEGER)) + 1 or abs(int(text)) > LARGEST_INTEGER:
        raise StrictJSONError("an integer beyond 2^53")
    return int(text)


def _refuse_number(_text: str) -> NoReturn:
    raise StrictJSONError("a number that is not an integer")
