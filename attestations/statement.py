"""The statement: what an attestation says, as signed bytes.

Invariants: the bytes are RFC 8785 JSON of objects, arrays, strings, integers, booleans and null, in that one form; the
parsed model is a reading of the bytes and never replaces them; a field that this release does not know is refused, for
it could restrict what was said; leaves are sorted, unique digests. Nothing here reads a clock or makes an id.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import NotCanonicalError, canonical_bytes

FORMAT = "enduse-statement/1"
MAX_STATEMENT = 4 * 1024 * 1024
"""Bytes; 20,000 leaves take 1.5 MB."""
MAX_LEAVES = 20_000

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def format_instant(moment: datetime) -> str:
    """Return an aware moment in UTC with whole seconds, as RFC 3339 text ending in Z."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read_instant(text: str) -> datetime:
    """Return the aware UTC moment of text written by format_instant; raise ValueError for any other form."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("not a moment like 2026-11-25T09:00:00Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not a moment of the calendar") from None


def read_day(text: str) -> date:
    """Return the day of text like 2026-11-25; raise ValueError for any other form."""
    if not _DAY.fullmatch(text):
        raise ValueError("not a day like 2026-11-25")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("not a day of the calendar") from None


def _check_instant(text: str) -> str:
    read_instant(text)
    return text


def _check_day(text: str) -> str:
    read_day(text)
    return text


def _check_id(text: str) -> str:
    if str(UUID(text)) != text:
        raise ValueError("not a UUID in its usual form")
    return text


def _check_leaves(leaves: tuple[str, ...]) -> tuple[str, ...]:
    if any(left >= right for left, right in pairwise(leaves)):
        raise ValueError("leaves are not sorted, or one stands twice")
    return leaves


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Instant = Annotated[str, AfterValidator(_check_instant)]
Day = Annotated[str, AfterValidator(_check_day)]
Id = Annotated[str, AfterValidator(_check_id)]
DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Part(BaseModel):
    """A frozen part of a statement; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Party(Part):
    """An organisation: the issuer (the investor that asked) or the respondent (the vendor that declared)."""

    id: Id
    name: Text


class Request(Part):
    """The disclosure request that the respondent answered."""

    id: Id
    issued_at: Instant
    due_on: Day


class Person(Part):
    """Who declared, in which role."""

    name: Text
    role: Text


class Declaration(Part):
    """The sealed submission."""

    submission: Id
    sealed_at: Instant
    declared_by: Person


class QuestionnaireName(Part):
    """The questionnaire revision that was answered."""

    id: Text
    revision: Text
    title: Text
    digest: DigestText


class CriteriaName(Part):
    """The criteria revision and the engine version that scored."""

    id: Text
    revision: Text
    engine: int
    digest: DigestText


class ContextName(Part):
    """The context snapshot: digest of the whole, and of the rows that were used."""

    id: Text
    revision: Text
    digest: DigestText
    used_digest: DigestText


class Statement(Part):
    """A reading of the statement; the figures of `result` stay plain JSON, compared as canonical bytes."""

    format: Literal["enduse-statement/1"]
    attestation: Id
    issued_at: Instant
    issuer: Party
    respondent: Party
    request: Request
    declaration: Declaration
    questionnaire: QuestionnaireName
    criteria: CriteriaName
    context: ContextName
    assessed_on: Day
    leaves: Annotated[tuple[DigestText, ...], Field(strict=False, max_length=MAX_LEAVES), AfterValidator(_check_leaves)]
    result: dict[str, Any]
    not_checked: Annotated[tuple[Text, ...], Field(strict=False, max_length=200)]

    @property
    def leaf_count(self) -> int:
        """How many leaves there are."""
        return len(self.leaves)


def build(content: Mapping[str, object], *, leaves: Sequence[str] = ()) -> bytes:
    """Return the canonical bytes of a statement.

    `leaves`, where given, are sorted and take the place of the content's own. Raises RefusedError (STATEMENT_FORMAT)
    with every problem named.
    """
    payload = canonical({**content, "leaves": sorted(leaves)} if leaves else dict(content))
    parse(payload)
    return payload


def canonical(value: Mapping[str, object]) -> bytes:
    """Return the canonical bytes of a statement's value; raise RefusedError (STATEMENT_FORMAT)."""
    try:
        return canonical_bytes(value)
    except NotCanonicalError as error:
        raise RefusedError(Reason.STATEMENT_FORMAT, "The statement has no canonical form.", (str(error),)) from error


def parse(payload: bytes) -> Statement:
    """Return a reading of a statement's bytes; raise RefusedError (STATEMENT_FORMAT) with every problem named."""
    value = read_canonical(payload)
    try:
        return Statement.model_validate(cast("dict[str, object]", value))
    except ValidationError as error:
        raise RefusedError(
            Reason.STATEMENT_FORMAT, "The signed statement is not an enduse-statement/1.", name_problems(error)
        ) from error


def read_canonical(payload: bytes) -> object:
    """Return the JSON of a statement's bytes, which are its one canonical form; raise RefusedError."""
    try:
        value = read_json(payload, limit=MAX_STATEMENT)
    except StrictJSONError as error:
        raise RefusedError(
            Reason.STATEMENT_FORMAT, "The signed statement is not strict JSON.", (f"/: {error}",)
        ) from error
    if not _is_canonical(value, payload):
        raise RefusedError(Reason.STATEMENT_FORMAT, "The signed statement is not in canonical form (RFC 8785).")
    return value


def _is_canonical(value: object, payload: bytes) -> bool:
    try:
        return canonical_bytes(value) == payload
    except NotCanonicalError:
        return False
