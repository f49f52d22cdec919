"""Acts: in-toto Statements in which a service says who declared, assured or withdrew what, and when; and the index.

Invariants: the payload is canonical and has the subject of the attestation's statement; the content in it has the very
bytes that an own signature is over.
Source: in-toto Attestation Framework, Statement v1.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, cast

from pydantic import Field, ValidationError

from attestations.countersignatures.contents import Assurance, Content, Declaration, Withdrawal
from attestations.in_toto import STATEMENT_TYPE
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.statement import DigestText, Id, Instant, Part
from attestations.strict_json import StrictJSONError, read_json
from questionnaires.canonical import NotCanonicalError, canonical_bytes

MAX_ACT = 1024 * 1024
"""Bytes of a payload."""
MOST_ENTRIES = 1000
DECLARATION, ASSURANCE = "urn:enduse:declaration:1", "urn:enduse:assurance:1"
WITHDRAWAL, INDEX = "urn:enduse:withdrawal:1", "urn:enduse:countersignatures:1"
"""Predicate types."""
Subject: TypeAlias = Sequence[Mapping[str, Any]]


class _Act(Part):
    id: Id
    at: Instant


class Declared(_Act):
    """An officer declared."""

    declaration: Declaration

    @property
    def content(self) -> Declaration:
        """What an own signature is over."""
        return self.declaration


class Assured(_Act):
    """An auditor gave assurance, or told what agreed-upon procedures found."""

    assurance: Assurance

    @property
    def content(self) -> Assurance:
        """What an own signature is over."""
        return self.assurance


class Withdrawn(_Act):
    """Somebody took back an entry of theirs."""

    withdrawal: Withdrawal

    @property
    def content(self) -> Withdrawal:
        """What an own signature is over."""
        return self.withdrawal


class Index(Part):
    """All entries of a file, as of a moment."""

    as_of: Instant
    statement: DigestText
    entries: Annotated[tuple[DigestText, ...], Field(strict=False, max_length=MOST_ENTRIES)]


Act: TypeAlias = Declared | Assured | Withdrawn
_KINDS: Mapping[str, type[Act] | type[Index]] = {
    DECLARATION: Declared, ASSURANCE: Assured, WITHDRAWAL: Withdrawn, INDEX: Index,
}  # fmt: skip
_NAMES: Mapping[type[Content], tuple[str, str]] = {
    Declaration: (DECLARATION, "declaration"), Assurance: (ASSURANCE, "assurance"),
    Withdrawal: (WITHDRAWAL, "withdrawal"),
}  # fmt: skip


class _Wrapper(Part):
    type_: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")]
    subject: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1)]
    predicate_type: Annotated[str, Field(alias="predicateType")]
    predicate: dict[str, Any]


def subject_of(payload: bytes) -> Subject:
    """Return the subject of a statement of version 2, or of an act; raise RefusedError where it has none."""
    value = json.loads(payload)
    subject: Subject | None = value.get("subject") if isinstance(value, dict) else None
    if not subject:
        raise RefusedError(
            Reason.COUNTERSIGNATURE_SUBJECT, "A statement of version 1 has no subject that could be countersigned."
        )
    return subject


def build_act(subject: Subject, id_: str, at: str, content: Content) -> bytes:
    """Return the payload of an act; raise RefusedError where a verifier would refuse its form."""
    predicate_type, name = _NAMES[type(content)]
    predicate = {"id": id_, "at": at, name: content.model_dump(mode="json")}
    return _build(subject, predicate_type, predicate)


def build_index(subject: Subject, as_of: str, statement: str, entries: Sequence[str]) -> bytes:
    """Return the payload of the index over the digests of entries."""
    return _build(subject, INDEX, {"as_of": as_of, "statement": statement, "entries": list(entries)})


def _build(subject: Subject, predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    payload = canonical_bytes(
        {"_type": STATEMENT_TYPE, "subject": list(subject), "predicateType": predicate_type, "predicate": predicate}
    )
    _parse(payload, subject)
    return payload


def parse_act(payload: bytes, subject: Subject) -> Act:
    """Return the act of a payload on a subject; raise RefusedError (FORMAT, SUBJECT)."""
    found = _parse(payload, subject)
    if isinstance(found, Index):
        raise _refusal("/predicateType: an index stands among the entries")
    if "format" not in found.content.model_fields_set:
        raise _refusal("/predicate: its content does not say its format")
    return found


def parse_index(payload: bytes, subject: Subject) -> Index:
    """Return the index of a payload on a subject; raise RefusedError (FORMAT, SUBJECT)."""
    found = _parse(payload, subject)
    if not isinstance(found, Index):
        raise _refusal("/predicateType: not that of an index")
    return found


def _parse(payload: bytes, subject: Subject) -> Act | Index:
    try:
        value = read_json(payload, limit=MAX_ACT)
        if canonical_bytes(value) != payload:
            raise _refusal("/: not in canonical form (RFC 8785)")
        wrapper = _Wrapper.model_validate(cast("dict[str, object]", value))
        if wrapper.predicate_type not in _KINDS:
            raise _refusal("/predicateType: none of those that are known")
        predicate = _KINDS[wrapper.predicate_type].model_validate(wrapper.predicate)
    except (StrictJSONError, NotCanonicalError) as error:
        raise _refusal(f"/: {error}") from error
    except ValidationError as error:
        raise _refusal(*name_problems(error)) from error
    if wrapper.subject != list(subject):
        raise RefusedError(Reason.COUNTERSIGNATURE_SUBJECT, "A countersignature is on another subject.")
    return predicate


def _refusal(*problems: str) -> RefusedError:
    return RefusedError(
        Reason.COUNTERSIGNATURES_FORMAT, "An envelope of the countersignatures has another form.", problems
    )
