"""The bundle (attestation.json): envelope, disclosures, and the revisions and context rows that were used.

Invariants: one meaning or none (strict JSON, unknown fields refused); sizes and counts are bounded before anything is
parsed, and the first bad part stops the reading; the envelope can be read alone, so that its signature is checked
before the rest costs anything; revisions and context stay the plain JSON that was digested.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import ValidationError

from attestations.disclosure import Disclosure, LeafError, read_disclosure
from attestations.envelope import IN_TOTO_TYPE, PAYLOAD_TYPE, Envelope
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.statement import MAX_LEAVES, MAX_STATEMENT
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import NotCanonicalError, canonical_bytes

FORMAT = "enduse-attestation/1"
FORMAT_2 = "enduse-attestation/2"
FILE_NAME = "attestation.json"
MAX_BUNDLE = 16 * 1024 * 1024
"""Bytes: far above 20 deployments of 100 questions (about 1 MB), far below what would hurt a reader."""
MAX_ENVELOPE = MAX_STATEMENT * 4 // 3 + 4096
"""Bytes: base64 of the largest statement, and the signature."""
MAX_PARTS, PARTS_PER_LEAF = 50_000, 500
"""Commas and opening brackets that a bundle may have, and more of them per leaf; a genuine one has about 5,000 and 20.

They bound what a parser makes of the bytes: every value but the first costs one of them.
"""
FIELDS = frozenset({"format", "envelope", "disclosures", "questionnaire", "criteria", "context"})
FIELDS_2 = frozenset({"format", "envelope", "disclosures", "withheld", "questionnaire", "criteria"})
_FORMATS = {PAYLOAD_TYPE: (FORMAT, FIELDS), IN_TOTO_TYPE: (FORMAT_2, FIELDS_2)}
"""The format and the fields of a bundle by the type of its envelope."""

_ENVELOPE = re.compile(rb'"envelope"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}')
_ENVELOPE_COMMAS = 8
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Bundle:
    """A parsed bundle; `questionnaire`, `criteria` and `context` are JSON as it stood in the file.

    In version 2 the context is a leaf, and None where that is withheld; `withheld` are the digests of leaves that are
    not disclosed.
    """

    format: str
    envelope: Envelope
    disclosures: tuple[Disclosure, ...]
    questionnaire: dict[str, Any]
    criteria: dict[str, Any]
    context: dict[str, Any] | None
    withheld: tuple[str, ...] = ()

    @property
    def leaves(self) -> list[Mapping[str, Any]]:
        """The disclosed leaves."""
        return [disclosure.leaf for disclosure in self.disclosures]


def build(
    *,
    envelope: Envelope,
    disclosures: Sequence[Mapping[str, object]],
    questionnaire: Mapping[str, object],
    criteria: Mapping[str, object],
    context: Mapping[str, object],
) -> bytes:
    """Return the canonical bytes of a bundle; raise RefusedError (BUNDLE_FORMAT) where a verifier would refuse it."""
    value = {
        "format": FORMAT,
        "envelope": envelope.model_dump(mode="json", by_alias=True),
        "disclosures": [dict(disclosure) for disclosure in disclosures],
        "questionnaire": dict(questionnaire),
        "criteria": dict(criteria),
        "context": dict(context),
    }
    return _write(value, len(disclosures))


def build_2(
    *,
    envelope: Envelope,
    disclosures: Sequence[Mapping[str, object]],
    withheld: Sequence[str],
    questionnaire: Mapping[str, object],
    criteria: Mapping[str, object],
) -> bytes:
    """Return the canonical bytes of a bundle of version 2; raise RefusedError (BUNDLE_FORMAT)."""
    value = {
        "format": FORMAT_2,
        "envelope": envelope.model_dump(mode="json", by_alias=True),
        "disclosures": [dict(disclosure) for disclosure in disclosures],
        "withheld": sorted(withheld),
        "questionnaire": dict(questionnaire),
        "criteria": dict(criteria),
    }
    return _write(value, len(disclosures) + len(withheld))


def _write(value: Mapping[str, object], leaves: int) -> bytes:
    try:
        data = canonical_bytes(value)
    except NotCanonicalError as error:
        raise RefusedError(Reason.BUNDLE_FORMAT, "The bundle has no canonical form.", (str(error),)) from error
    parse(data, leaves=leaves)
    return data


def read_envelope(data: bytes) -> Envelope:
    """Return the envelope of an attestation.json without parsing anything else; raise RefusedError.

    In JSON no text can hold the name `"envelope":` unescaped, so the only place where it stands is the field itself.
    """
    if len(data) > MAX_BUNDLE:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, f"The bundle is larger than {MAX_BUNDLE} bytes.")
    found = _ENVELOPE.search(data)
    if found is None or _ENVELOPE.search(data, found.end()) or data[found.start() - 1 : found.start()] == b"\\":
        _refuse("/: not one field `envelope`")
    start = found.end()
    end = data.find(b"}", data.find(b"}", start) + 1) + 1  # that of its only signature, then its own
    text = data[start:end]
    if not text or len(text) > MAX_ENVELOPE or text.count(b",") > _ENVELOPE_COMMAS:
        _refuse("/envelope: not an envelope with one signature")
    try:
        envelope = Envelope.model_validate(read_json(text, limit=MAX_ENVELOPE))
    except StrictJSONError as error:
        raise _refusal(f"/envelope: {error}") from error
    except ValidationError as error:
        raise _refusal(*name_problems(error, "/envelope")) from error
    if envelope.payload_type not in _FORMATS:
        _refuse("/envelope/payloadType: not the type of a statement")
    return envelope


def parse(data: bytes, *, leaves: int = MAX_LEAVES) -> Bundle:
    """Return the bundle of an attestation.json; raise RefusedError (BUNDLE_FORMAT or BUNDLE_TOO_LARGE).

    `leaves` is how many the statement has: there cannot be more disclosures.
    """
    envelope = read_envelope(data)
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PARTS + PARTS_PER_LEAF * leaves:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, "The bundle has more parts than its statement could name.")
    try:
        value = read_json(data, limit=MAX_BUNDLE)
    except StrictJSONError as error:
        raise _refusal(f"/: {error}") from error
    form, fields = _FORMATS[envelope.payload_type]
    if not isinstance(value, dict) or value.keys() != fields:
        _refuse("/: not the fields of a bundle")
    if value["format"] != form:
        _refuse(f"/format: not {form}")
    if value["envelope"] != envelope.model_dump(mode="json", by_alias=True):
        _refuse("/envelope: not the one field of this name")
    for name in fields & {"questionnaire", "criteria", "context"}:
        if not isinstance(value[name], dict):
            _refuse(f"/{name}: not an object")
    disclosures = _read_disclosures(value["disclosures"], leaves)
    withheld = _read_withheld(value.get("withheld", []), leaves - len(disclosures))
    context = value["context"] if form == FORMAT else _context_of(disclosures)
    return Bundle(form, envelope, disclosures, value["questionnaire"], value["criteria"], context, withheld)


def _context_of(disclosures: Sequence[Disclosure]) -> dict[str, Any] | None:
    return next((dict(one.leaf["context"]) for one in disclosures if one.leaf["kind"] == "context"), None)


def _read_withheld(value: object, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most:
        _refuse("/withheld: not a list of at most as many as there are leaves left")
    if not all(isinstance(item, str) and _DIGEST.fullmatch(item) for item in value):
        _refuse("/withheld: not digests")
    return tuple(value)


def _read_disclosures(value: object, leaves: int) -> tuple[Disclosure, ...]:
    """Return the disclosures; the first bad one stops."""
    if not isinstance(value, list) or len(value) > min(leaves, MAX_LEAVES):
        _refuse("/disclosures: not a list of at most as many as there are leaves")
    disclosures = []
    for at, item in enumerate(value):
        try:
            disclosures.append(read_disclosure(item))
        except LeafError as error:
            raise _refusal(*(f"/disclosures/{at}{problem}" for problem in error.problems)) from error
    return tuple(disclosures)


def _refuse(*problems: str) -> NoReturn:
    raise _refusal(*problems)


def _refusal(*problems: str) -> RefusedError:
    return RefusedError(Reason.BUNDLE_FORMAT, "The bundle is not an enduse-attestation of a known version.", problems)
