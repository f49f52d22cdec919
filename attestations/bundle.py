"""The bundle (attestation.json): envelope, disclosures, and the revisions and context rows that were used.

Invariants: one meaning or none (strict JSON, unknown fields refused); sizes are bounded before anything is parsed;
revisions and context stay the plain JSON that was digested.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations.disclosure import Disclosure
from attestations.envelope import Envelope
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.statement import MAX_LEAVES
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import NotCanonicalError, canonical_bytes

FORMAT = "enduse-attestation/1"
FILE_NAME = "attestation.json"
MAX_BUNDLE = 16 * 1024 * 1024
"""Bytes: far above 20 deployments of 100 questions (about 1 MB), far below what would hurt a reader."""


class Bundle(BaseModel):
    """A parsed bundle; `questionnaire`, `criteria` and `context` are JSON as it stood in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal["enduse-attestation/1"]
    envelope: Envelope
    disclosures: Annotated[tuple[Disclosure, ...], Field(max_length=MAX_LEAVES)]
    questionnaire: dict[str, Any]
    criteria: dict[str, Any]
    context: dict[str, Any]


def build(
    *,
    envelope: Envelope,
    disclosures: Sequence[Mapping[str, object]],
    questionnaire: Mapping[str, object],
    criteria: Mapping[str, object],
    context: Mapping[str, object],
) -> bytes:
    """Return the canonical bytes of a bundle; raise RefusedError (BUNDLE_FORMAT) with every problem named."""
    value = {
        "format": FORMAT,
        "envelope": envelope.model_dump(mode="json", by_alias=True),
        "disclosures": [dict(disclosure) for disclosure in disclosures],
        "questionnaire": dict(questionnaire),
        "criteria": dict(criteria),
        "context": dict(context),
    }
    try:
        data = canonical_bytes(value)
    except NotCanonicalError as error:
        raise RefusedError(Reason.BUNDLE_FORMAT, "The bundle has no canonical form.", (str(error),)) from error
    parse(data)
    return data


def parse(data: bytes) -> Bundle:
    """Return the bundle of an attestation.json; raise RefusedError (BUNDLE_FORMAT or BUNDLE_TOO_LARGE)."""
    if len(data) > MAX_BUNDLE:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, f"The bundle is larger than {MAX_BUNDLE} bytes.")
    try:
        value = read_json(data, limit=MAX_BUNDLE)
    except StrictJSONError as error:
        raise RefusedError(Reason.BUNDLE_FORMAT, "The bundle is not strict JSON.", (f"/: {error}",)) from error
    try:
        return Bundle.model_validate(cast("dict[str, object]", value))
    except ValidationError as error:
        raise RefusedError(
            Reason.BUNDLE_FORMAT, "The bundle is not an enduse-attestation/1.", name_problems(error)
        ) from error
