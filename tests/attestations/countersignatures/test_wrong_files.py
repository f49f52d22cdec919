"""Files that are wrong in one way each: step 10 fails, and nothing of them is told."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from attestations.countersignatures import file as files
from attestations.countersignatures.acts import MOST_ENTRIES, subject_of
from attestations.envelope import IN_TOTO_TYPE
from attestations.reasons import Reason
from attestations.trust import Trust
from attestations.verification import verify
from questionnaires.canonical import canonical_bytes
from tests.attestations.conftest import Keys
from tests.attestations.countersignatures.making import ACTED, AUDITOR, Entry, Maker
from tests.attestations.exercise import Exercise

OTHER = "sha256:" + "0" * 64


Make = Callable[[Maker, Keys], bytes]


def about_another(maker: Maker, keys: Keys) -> Maker:
    return Maker(Exercise("f8").signed_2(keys.signer), keys.signer)


def section(code: str) -> dict[str, Any]:
    return {"kind": "sections", "sections": [code], "leaves": []}


def leaf(digest: str) -> dict[str, Any]:
    return {"kind": "leaves", "sections": [], "leaves": [digest]}


def withdraw(maker: Maker, said: Entry) -> tuple[Entry, Entry]:
    """Return an entry and its withdrawal by the respondent."""
    return said, maker.entry(maker.withdrawal(said))


def with_text(maker: Maker, **changes: str) -> dict[str, Any]:
    return {**maker.declaration().text.model_dump(), **changes}


def without_format(maker: Maker) -> Entry:
    """Return a declaration whose signed content does not say its format."""
    entry = maker.entry(maker.declaration())
    act = json.loads(b64decode(entry["envelope"]["payload"]))
    del act["predicate"]["declaration"]["format"]
    envelope = maker.signer.sign_envelope(canonical_bytes(act), IN_TOTO_TYPE)
    return {**entry, "envelope": envelope.model_dump(mode="json", by_alias=True)}


WRONG: dict[str, tuple[Make, Reason]] = {
    "an entry signed by another key": (
        lambda m, k: m.file(m.entry(m.declaration(), signer=k.lookalike)), Reason.COUNTERSIGNATURE_SIGNER,
    ),
    "an index signed by another key": (
        lambda m, k: m.file(m.entry(m.declaration()), signer=k.lookalike), Reason.COUNTERSIGNATURE_SIGNER,
    ),
    "a whole file about another statement": (
        lambda m, k: about_another(m, k).file(about_another(m, k).entry(about_another(m, k).declaration())),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "an entry on another subject": (
        lambda m, k: m.file(m.entry(m.declaration(), subject=subject_of(about_another(m, k).payload))),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a content about another statement": (
        lambda m, _: m.file(m.entry(m.declaration(statement=OTHER))), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "an index of another statement": (
        lambda m, _: m.file(m.entry(m.declaration()), statement=OTHER), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a declaration by somebody else": (
        lambda m, _: m.file(m.entry(m.declaration(organisation=AUDITOR))), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "an assurance by the issuer": (
        lambda m, _: m.file(m.entry(m.assurance(organisation=m.statement.issuer.model_dump()))),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "an assurance by the respondent": (
        lambda m, _: m.file(m.entry(m.assurance(organisation=m.statement.respondent.model_dump()))),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a section that there is not": (
        lambda m, _: m.file(m.entry(m.assurance(scope=section("Z")))), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a leaf that there is not": (
        lambda m, _: m.file(m.entry(m.assurance(scope=leaf(OTHER)))), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "an item about a leaf that there is not": (
        lambda m, _: m.file(m.entry(m.assurance(items=[{"leaf": OTHER, "done": "X", "finding": None}]))),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a twisted text": (
        lambda m, _: m.file(m.entry(m.declaration(text=with_text(m, text="I have read nothing.")))),
        Reason.DECLARED_TEXT,
    ),
    "a content without its format": (lambda m, _: m.file(without_format(m)), Reason.COUNTERSIGNATURES_FORMAT),
    "an act before the statement": (
        lambda m, _: m.file(m.entry(m.declaration(), at=ACTED - timedelta(days=3))), Reason.COUNTERSIGNATURE_TIME,
    ),
    "an act after the index": (
        lambda m, _: m.file(m.entry(m.declaration()), as_of=ACTED - timedelta(hours=1)), Reason.COUNTERSIGNATURE_TIME,
    ),
    "an assurance dated later": (
        lambda m, _: m.file(m.entry(m.assurance(dated="2026-12-24"))), Reason.COUNTERSIGNATURE_TIME,
    ),
    "an assurance dated before the statement": (
        lambda m, _: m.file(m.entry(m.assurance(dated="2026-11-23"))), Reason.COUNTERSIGNATURE_TIME,
    ),
    "an adverse opinion taken out": (
        lambda m, _: m.file(
            m.entry(m.declaration()), listed=[m.entry(m.declaration()), m.entry(m.assurance())]
        ),
        Reason.COUNTERSIGNATURES_INDEX,
    ),
    "an entry added": (
        lambda m, _: m.file(m.entry(m.declaration()), listed=[]), Reason.COUNTERSIGNATURES_INDEX,
    ),
    "a withdrawal of nothing": (
        lambda m, _: m.file(m.entry(m.withdrawal(m.entry(m.declaration())))), Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "a withdrawal of another's": (
        lambda m, _: m.file(*withdraw(m, m.entry(m.assurance()))),
        Reason.COUNTERSIGNATURE_SUBJECT,
    ),
    "no countersignatures": (lambda *_: b"{}", Reason.COUNTERSIGNATURES_FORMAT),
    "no JSON": (lambda *_: b"%PDF-", Reason.COUNTERSIGNATURES_FORMAT),
    "not canonical": (lambda m, _: m.file(m.entry(m.declaration())) + b"\n", Reason.COUNTERSIGNATURES_FORMAT),
    "too long": (lambda *_: b" " * (32 * 2**20 + 1), Reason.COUNTERSIGNATURES_FORMAT),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_fails(name: str, whole: bytes, maker: Maker, keys: Keys, trust: Trust, forge: Any) -> None:
    make, reason = WRONG[name]
    report = verify(whole, trust, forge.at, countersignatures=make(maker, keys))
    assert forge.failure(report) == (10, reason)
    assert report.to_json()["countersignatures"] is None


def test_a_file_of_countless_parts_is_not_parsed(
    whole: bytes, trust: Trust, forge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in a file is signed by anybody before it was parsed: 32 MiB of empty lists took a gigabyte."""
    monkeypatch.setattr("attestations.countersignatures.file.read_json", pytest.fail)
    report = verify(whole, trust, forge.at, countersignatures=b"[" + b"[]," * 2**20 + b"[]]")
    assert forge.failure(report) == (10, Reason.COUNTERSIGNATURES_FORMAT)


def test_a_file_may_have_as_many_entries_as_are_allowed(maker: Maker) -> None:
    said = maker.entry(maker.declaration(), {"form": "jws", "value": "x"})
    most = files.parse(maker.file(*[said] * MOST_ENTRIES))
    assert len(most.entries) == MOST_ENTRIES
