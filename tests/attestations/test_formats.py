"""Envelope, statement, leaves, bundle and trust: success and refusal side by side."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from attestations import bundle as bundles
from attestations import disclosure, envelope, statement
from attestations import trust as trusts
from attestations.reasons import Reason, RefusedError
from attestations.strict_json import LARGEST_INTEGER, StrictJSONError, read_json
from attestations.verification import verify
from questionnaires.canonical import canonical_bytes, digest
from tests.attestations.exercise import statement_content


def test_pae_is_that_of_the_specification() -> None:
    """The example of DSSE v1's protocol.md."""
    encoded = envelope.encode_for_signing("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_envelope_signs_the_stored_bytes(keys: Any) -> None:
    payload = b'{"spaces":  "stay"}'
    signed = envelope.sign(payload, keys.signer)
    public = keys.signer.certificate.public_key()
    assert (signed.payload_bytes, signed.keyid) == (payload, keys.signer.keyid)
    assert envelope.verify(signed, public)
    other = envelope.sign(b'{"spaces":"stay"}', keys.signer)
    mixed = signed.model_copy(update={"payload": other.payload})
    assert not envelope.verify(mixed, public)


def test_an_envelope_has_exactly_one_signature(keys: Any) -> None:
    known, stranger = (envelope.sign(b"{}", signer).model_dump(mode="json", by_alias=True) for signer in keys)
    for signatures in ([], known["signatures"] + stranger["signatures"], known["signatures"] * 2):
        with pytest.raises(ValidationError):
            envelope.Envelope.model_validate({**known, "signatures": signatures})


@pytest.mark.parametrize("text", ["YQ", "YQ=", "YQ==\n", "Y Q==", "_-__", "é", "YR==", "YWJ="])
def test_only_standard_base64(text: str) -> None:
    assert envelope.decode_base64("YQ==") == b"a"
    with pytest.raises(ValueError, match=r"base64|ASCII"):
        envelope.decode_base64(text)


def test_statement_refuses_what_it_does_not_know(forge: Any) -> None:
    for content in (
        forge.content(revoked=True),
        forge.content(issuer={**forge.content()["issuer"], "branch": "x"}),
    ):
        with pytest.raises(RefusedError) as refused:
            statement.build(content)
        assert refused.value.reason is Reason.STATEMENT_FORMAT


def test_statement_has_one_form(forge: Any) -> None:
    payload = statement.build(forge.content())
    assert statement.parse(payload).issuer.name == "Fjordfund"
    for other in (payload.replace(b'":', b'": ', 1), payload + b"\n", b"\xef\xbb\xbf" + payload):
        with pytest.raises(RefusedError) as refused:
            statement.parse(other)
        assert refused.value.reason is Reason.STATEMENT_FORMAT


def test_statement_names_every_problem(forge: Any) -> None:
    content = forge.content(
        attestation="no", issued_at="2026-11-25T09:00:00+00:00", assessed_on="2026-13-01", format="enduse-statement/2"
    )
    with pytest.raises(RefusedError) as refused:
        statement.build(content)
    assert refused.value.reason is Reason.STATEMENT_FORMAT
    paths = [problem.split(":")[0] for problem in refused.value.problems]
    assert paths == ["/format", "/attestation", "/issued_at", "/assessed_on"]
    assert "2026-13-01" not in " ".join(refused.value.problems)


@pytest.mark.parametrize(
    "change",
    [
        {"leaves": ["sha256:" + "1" * 64, "sha256:" + "0" * 64]},
        {"leaves": ["sha256:" + "0" * 64] * 2},
        {"leaves": ["sha256:" + "G" * 64]},
        {"result": {"company": {"residual": 72.0799}}},
        {"criteria": {"id": "c", "revision": "1", "engine": True, "digest": "sha256:" + "0" * 64}},
        {"not_checked": "everything"},
    ],
)
def test_statement_refuses(forge: Any, change: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        statement.build(forge.content(**change))


@given(
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
        max_value=datetime(9000, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    )
)
def test_instants_round_trip(moment: datetime) -> None:
    assert statement.read_instant(statement.format_instant(moment)) == moment.replace(microsecond=0)


def test_naive_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        statement.format_instant(datetime(2026, 11, 25))  # noqa: DTZ001  # the point of the test


def test_leaf_digest_follows_salt_and_every_field(forge: Any) -> None:
    leaf = forge.leaf("GOV-01")
    one = disclosure.disclose(leaf, forge.salt(1))
    assert len(one["salt"]) == 22
    assert disclosure.leaf_digest(one["salt"], leaf) == digest({"salt": one["salt"], "leaf": leaf})
    other = disclosure.disclose(leaf, forge.salt(2))
    changed = {**leaf, "question": "GOV-02"}
    digests = {
        disclosure.leaf_digest(one["salt"], leaf),
        disclosure.leaf_digest(other["salt"], leaf),
        disclosure.leaf_digest(one["salt"], changed),
    }
    assert len(digests) == 3


def test_leaf_problems_do_not_repeat_the_answer(bundle: bytes, forge: Any) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        disclosure.disclose(forge.leaf("GOV-01"), b"short")
    content = json.loads(bundle)
    content["disclosures"][0]["leaf"]["answer"] = "SECRET"
    content["disclosures"][1]["leaf"]["kind"] = "SECRET"
    content["disclosures"][1]["salt"] = "SECRET"
    with pytest.raises(RefusedError) as refused:
        bundles.parse(json.dumps(content).encode())
    text = " ".join(refused.value.problems)
    assert "SECRET" not in text
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["/disclosures/0/leaf/answer"]
    content["disclosures"].pop(0)
    with pytest.raises(RefusedError) as refused:
        bundles.parse(json.dumps(content).encode())
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "/disclosures/0/leaf/kind", "/disclosures/0/salt",
    ]  # fmt: skip
    assert "SECRET" not in " ".join(refused.value.problems)


ANSWER_LEAF = {"kind": "answer", "group": "deployment", "row": "d1", "question": "USE-04", "answer": {}}
ITEM = {"digest": "sha256:" + "0" * 64, "grade": "V2", "dated": "2026-06-30", "graded_by": None}
ROW_LEAF = {"kind": "row", "group": "deployment", "row": "d1", "name": "x", "product": "p1"}
INCIDENT_LEAF = {"kind": "row", "group": "incident", "row": "i1", "name": "x", "product": None, "deployment": "d1"}


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (ROW_LEAF, {"row": "~undeclared"}),
        (ROW_LEAF, {"row": "\x1b[2J"}),
        (ROW_LEAF, {"product": None}),
        (ROW_LEAF, {"group": "product"}),
        (ROW_LEAF, {"group": "company"}),
        (ROW_LEAF, {"more": 1}),
        (ROW_LEAF, {"deployment": "d1"}),
        (ROW_LEAF, {"group": "incident"}),
        (INCIDENT_LEAF, {"product": "p1"}),
        (INCIDENT_LEAF, {"group": "product"}),
        (INCIDENT_LEAF, {"deployment": "D 1"}),
        (ANSWER_LEAF, {"row": None}),
        (ANSWER_LEAF, {"group": "company"}),
        (ANSWER_LEAF, {"evidence": [1] * 300}),
        (ANSWER_LEAF, {"evidence": [{**ITEM, "digest": "nonsense"}]}),
        (ANSWER_LEAF, {"evidence": [{**ITEM, "grade": "V9"}]}),
        (ANSWER_LEAF, {"evidence": [{**ITEM, "dated": "20260630"}]}),
        (ANSWER_LEAF, {"evidence": [{**ITEM, "graded_by": "me"}]}),
        (ANSWER_LEAF, {"evidence": [{"grade": "V1"}]}),
    ],
)
def test_a_leaf_is_typed(base: dict[str, Any], change: dict[str, Any]) -> None:
    leaf = {**base} if base["kind"] == "row" else {**base, "evidence": [ITEM, {**ITEM, "dated": None}]}
    salt = disclosure.encode_salt(bytes(16))
    assert disclosure.read_disclosure({"salt": salt, "leaf": leaf}).leaf == leaf
    with pytest.raises(disclosure.LeafError) as refused:
        disclosure.read_disclosure({"salt": salt, "leaf": {**leaf, **change}})
    assert 1 <= len(refused.value.problems) <= 3


def test_bundle_is_canonical_and_closed(bundle: bytes) -> None:
    assert bundles.parse(bundle).format == "enduse-attestation/1"
    content = json.loads(bundle)
    for change in ({"more": 1}, {"format": "enduse-attestation/2"}, {"criteria": []}):
        with pytest.raises(RefusedError) as refused:
            bundles.parse(json.dumps({**content, **change}).encode())
        assert refused.value.reason is Reason.BUNDLE_FORMAT


def test_the_first_bad_disclosure_stops(bundle: bytes) -> None:
    content = json.loads(bundle)
    content["disclosures"] = [*content["disclosures"], *[{}] * 500]
    with pytest.raises(RefusedError) as refused:
        bundles.parse(json.dumps(content).encode())
    assert refused.value.problems == ("/disclosures/2: not a salt and a leaf",)


def test_the_envelope_is_read_alone_and_stands_once(bundle: bytes) -> None:
    alone = bundles.read_envelope(bundle)
    assert alone == bundles.parse(bundle).envelope
    nested = bundle.replace(b'"envelope":', b'"\\u0065nvelope":')
    for other in (
        nested,
        nested[:-1] + b',"context":{"envelope":{"payload":"","payloadType":"","signatures":[{}]}}}',
        bundle[:-1] + b',"envelope":{}}',
        bundle.replace(b'"envelope":{', b'"envelope":[{'),
        bundle.replace(b'"envelope":', b'"\\"envelope":'),
    ):
        with pytest.raises(RefusedError) as refused:
            bundles.parse(other)
        assert refused.value.reason is Reason.BUNDLE_FORMAT


def test_a_text_may_speak_of_an_envelope(bundle: bytes) -> None:
    for text in ("envelope", '"envelope"', '{"envelope": 1}', "\\"):
        content = json.loads(bundle)
        content["disclosures"][0]["leaf"]["answer"]["note"] = text
        assert bundles.parse(json.dumps(content).encode()).envelope == bundles.parse(bundle).envelope


def test_large_bundle_is_refused_unread() -> None:
    with pytest.raises(RefusedError) as refused:
        bundles.parse(b" " * (bundles.MAX_BUNDLE + 1))
    assert refused.value.reason is Reason.BUNDLE_TOO_LARGE


def test_trust_round_trips(keys: Any) -> None:
    trust = trusts.parse(trusts.build([keys.signer.root], [keys.signer.certificate]))
    assert trust.roots == (keys.signer.root,)
    assert trust.signers == {keys.signer.keyid: (keys.signer.certificate,)}
    assert trust.key_of(keys.signer.keyid) == keys.signer.certificate.public_key()


def test_trust_names_every_problem(keys: Any) -> None:
    content = json.loads(trusts.build([keys.signer.root], [keys.signer.certificate]))
    content["roots"].append("nothing")
    content["signers"][0]["keyid"] = keys.lookalike.keyid
    with pytest.raises(trusts.TrustError) as refused:
        trusts.parse(json.dumps(content).encode())
    assert [problem.split(":")[0] for problem in refused.value.problems] == ["/roots/1", "/signers/0/keyid"]
    for data in (b"", b"[]", b"{}", b'{"format":"enduse-trust/1","roots":[],"signers":[]}'):
        with pytest.raises(trusts.TrustError):
            trusts.parse(data)
    with pytest.raises(trusts.TrustError, match="revoked"):
        trusts.parse(json.dumps({**content, "revoked": []}).encode())


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":1}', "1.0", "1e2", "NaN", "-Infinity", str(LARGEST_INTEGER + 1), "", "'a'"]
)
def test_json_has_one_meaning(text: str) -> None:
    assert read_json(f'{{"a":[{LARGEST_INTEGER},null,true,"x"]}}'.encode(), limit=100) == {
        "a": [LARGEST_INTEGER, None, True, "x"]
    }
    with pytest.raises(StrictJSONError):
        read_json(text.encode(), limit=100)


def nested(levels: int) -> bytes:
    return b'{"a":[' * (levels // 2) + b"1" + b"]}" * (levels // 2)


def test_json_is_as_deep_as_can_be_written_again() -> None:
    assert read_json(nested(100), limit=10_000)
    for levels in (102, 1000, 5000):
        with pytest.raises(StrictJSONError, match="deep"):
            read_json(nested(levels), limit=100_000)


def test_a_statement_that_could_not_be_written_again_is_refused(keys: Any, trust: Any, forge: Any) -> None:
    """The report repeats what was signed: at 255 levels its JSON could not be written, and no report came."""
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"a": deep}
    signed = keys.signer.sign_envelope(canonical_bytes(statement_content(result=deep)))
    value = json.loads(forge.bundle(keys.signer)) | {"envelope": signed.model_dump(mode="json", by_alias=True)}
    assert forge.failure(verify(canonical_bytes(value), trust, forge.at)) == (3, Reason.STATEMENT_FORMAT)
