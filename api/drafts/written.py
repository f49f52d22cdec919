"""The text of a draft as its author sends it: YAML or JSON.

Invariants: what is kept can be read again and holds nothing that a revision cannot; of YAML every scalar is text, as in
the shipped files, and JSON stays what it is.
"""

import json
from typing import Any, NamedTuple

from fastapi import Request

from api.http.bodies import JSON_TYPES, read_json
from api.problems import Flaw, Refusal
from questionnaires.linting.sources import DEEPEST, Source, read_source

JSON, YAML = "application/json", "application/yaml"
LARGEST_DRAFT = 1_000_000
"""Bytes of a draft: six times the largest shipped revision. Reading YAML takes time."""
LONGEST_TITLE = 200


class Written(NamedTuple):
    """A draft as it was sent."""

    media_type: str
    source: str
    title: str


async def read_written(request: Request) -> Written:
    """Return the body as a draft; refuse what is no text, or cannot be read as YAML or JSON."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in {JSON, YAML}:
        raise Refusal("unsupported_media_type", "Send application/yaml or application/json.")
    body = await request.body()
    if len(body) > LARGEST_DRAFT:
        raise Refusal("too_large", f"A draft takes {LARGEST_DRAFT} bytes at most.")
    if said in JSON_TYPES:
        await read_json(request)  # refuses names that stand twice
    try:
        source = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("malformed", "The body is not UTF-8.") from None
    return Written(said, source, "")


def checked(written: Written) -> Written:
    """Return a draft with its title; refuse one that cannot be read. Takes a second for the largest."""
    value = parse(written.source, written.media_type).value
    title = value.get("title") if isinstance(value, dict) else None
    return written._replace(title=title[:LONGEST_TITLE] if isinstance(title, str) else "")


def parse(source: str, media_type: str) -> Source:
    """Return what a draft's text says, with the lines of YAML."""
    read = Source(json.loads(source), None, ()) if media_type == JSON else read_source(source)
    if read.value is None:
        flaws = [Flaw("", found.code, _told(found.line, found.problem, found.mend)) for found in read.findings]
        raise Refusal("invalid", "The text cannot be read.", flaws or [Flaw("", "type", "Send one mapping.")])
    _refuse_unfit(read.value)
    return read


def _told(line: int | None, problem: str, mend: str) -> str:
    return f"Line {line}: {problem}. {mend}" if line else f"{problem[:1].upper()}{problem[1:]}. {mend}"


def _refuse_unfit(value: Any) -> None:
    """Refuse what no database keeps and no model reads: NUL, half of a surrogate pair, endless nesting."""
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        if not level:
            return
        inner: list[Any] = []
        for part in level:
            if isinstance(part, str) and not _is_storable(part):
                flaw = Flaw("", "text", "A text holds a NUL or half of a surrogate pair; remove it.")
                raise Refusal("invalid", "The text cannot be kept.", [flaw])
            if isinstance(part, dict):
                inner += [*part.keys(), *part.values()]
            elif isinstance(part, list):
                inner += part
        level = inner
    flaw = Flaw("", "too-large", f"More than {DEEPEST} lists or mappings stand within each other.")
    raise Refusal("invalid", "The text cannot be read.", [flaw])


def _is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text))
