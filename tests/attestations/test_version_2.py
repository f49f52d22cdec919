"""Statements of version 2: recomputed whole, shown in part, and one leaf proven without the others."""

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from attestations import bundle as bundles
from attestations import copies, in_toto, results, single_leaf
from attestations.disclosure import LeafError, disclose, encode_salt, leaf_digest
from attestations.envelope import IN_TOTO_TYPE
from attestations.reasons import Reason, RefusedError
from attestations.report import Outcome, Status
from attestations.signing import Signer
from attestations.trust import Trust
from attestations.verification import verify
from questionnaires.canonical import canonical_bytes
from tests.attestations.conftest import Keys
from tests.attestations.exercise import Exercise


@pytest.fixture(scope="session")
def whole(keys: Keys) -> bytes:
    return Exercise("f4").signed_2(keys.signer)


def opened(data: bytes) -> tuple[bundles.Bundle, in_toto.Predicate, bytes]:
    bundle = bundles.parse(data)
    payload = bundle.envelope.payload_bytes
    return bundle, in_toto.parse(payload), payload


def test_a_whole_bundle_is_recomputed(whole: bytes, trust: Trust, forge: Any) -> None:
    report = verify(whole, trust, forge.at)
    assert report.outcome is Outcome.PASSED, report.to_json()["steps"]
    assert report.steps[4].status is Status.PASSED


def test_the_payload_is_an_in_toto_statement_about_its_leaves(whole: bytes) -> None:
    bundle, statement, payload = opened(whole)
    assert bundle.envelope.payload_type == IN_TOTO_TYPE
    value = json.loads(payload)
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert "sha256:" + value["subject"][0]["digest"]["sha256"] == statement.leaves.root


def test_the_head_names_no_row(whole: bytes) -> None:
    bundle, statement, payload = opened(whole)
    rows = {leaf["row"] for leaf in bundle.leaves if leaf["row"]}
    assert rows
    assert not any(f'"{row}"'.encode() in payload for row in rows)
    assert statement.result == results.head_of(results.result_of(bundle.leaves) or {})


SHOWN: dict[str, Callable[[Any], bool]] = {
    "band": copies.show_band,
    "sections": copies.show_sections({"GOV-01", "GOV-06"}),
    "but one": copies.show_but({("GOV-06", None)}),
}


@pytest.mark.parametrize("level", SHOWN)
def test_a_copy_shows_less_under_the_same_signature(level: str, whole: bytes, trust: Trust, forge: Any) -> None:
    copied = copies.copy(whole, SHOWN[level])
    bundle, statement, _ = opened(copied)
    assert len(bundle.disclosures) + len(bundle.withheld) == statement.leaves.count
    assert all(SHOWN[level](leaf) for leaf in bundle.leaves)
    report = verify(copied, trust, forge.at)
    assert report.outcome is Outcome.INDETERMINATE
    assert [step.status for step in report.steps[2:5]] == [Status.PASSED, Status.PASSED, Status.INDETERMINATE]
    assert report.facts is not None
    assert report.facts.result == opened(whole)[1].result


def shown(whole: bytes, level: Callable[[Any], bool]) -> list[Any]:
    return bundles.parse(copies.copy(whole, level)).leaves


def test_a_copy_in_part_shows_no_leaf_that_could_give_away_what_it_withholds(whole: bytes) -> None:
    for level in (copies.show_sections({"GOV-01"}), copies.show_but({("GOV-06", None)})):
        leaves = shown(whole, level)
        assert {leaf["kind"] for leaf in leaves} == {"answer", "result"}
        assert {leaf["group"] for leaf in leaves if leaf["kind"] == "result"} == {"deployment"}
    remainder = {"kind": "result", "group": "deployment", "row": "~remainder:p1:XA", "result": {}}
    assert not copies.show_but(())(remainder)
    assert copies.show_but(())({**remainder, "row": "d1"})


def test_names_are_shown_where_that_is_said(whole: bytes) -> None:
    named = [leaf for leaf in bundles.parse(whole).leaves if leaf["kind"] == "row"]
    assert named
    for level in (copies.show_sections({"GOV-01"}, names=True), copies.show_but((), names=True)):
        assert [leaf for leaf in shown(whole, level) if leaf["kind"] == "row"] == named
    assert copies.copy(whole, copies.show_all) == whole


def test_a_copy_of_a_copy_shows_no_more(whole: bytes) -> None:
    band = copies.copy(whole, copies.show_band)
    assert copies.copy(band, lambda _: True) == band


def test_the_smallest_copy_tells_no_answer(whole: bytes) -> None:
    band = copies.copy(whole, copies.show_band)
    value = json.loads(band)
    said = canonical_bytes({**value, "questionnaire": None, "criteria": None}).decode() + opened(band)[2].decode()
    names = {leaf["name"] for leaf in opened(whole)[0].leaves if leaf["kind"] == "row"}
    assert names
    assert not any(name in said for name in names)


def change(data: bytes, alter: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(data)
    alter(value)
    return canonical_bytes(value)


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], Reason]] = {
    "a leaf left out": (lambda value: value["disclosures"].pop(), Reason.LEAF_UNKNOWN),
    "a leaf withheld and not": (
        lambda value: value["withheld"].append(
            leaf_digest(value["disclosures"][0]["salt"], value["disclosures"][0]["leaf"])
        ),
        Reason.BUNDLE_FORMAT,
    ),
    "a leaf twice": (
        lambda value: value["disclosures"].__setitem__(1, value["disclosures"][0]),
        Reason.LEAF_UNKNOWN,
    ),
    "another leaf": (
        lambda value: value["disclosures"][0].update(salt=encode_salt(bytes(16))),
        Reason.LEAF_UNKNOWN,
    ),
    "no digest withheld": (
        lambda value: value.update(disclosures=value["disclosures"][1:], withheld=["sha256:x"]),
        Reason.BUNDLE_FORMAT,
    ),
    "another format": (lambda value: value.update(format="enduse-attestation/1"), Reason.BUNDLE_FORMAT),
    "a context beside the leaves": (lambda value: value.update(context={}), Reason.BUNDLE_FORMAT),
    "an unknown kind": (lambda value: value["disclosures"][0]["leaf"].update(kind="note"), Reason.BUNDLE_FORMAT),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_changed_bundle_is_refused(name: str, whole: bytes, trust: Trust, forge: Any) -> None:
    alter, reason = BROKEN[name]
    failed = verify(change(whole, alter), trust, forge.at)
    assert forge.failure(failed)[1] in {reason, Reason.LEAF_TWICE}


def test_a_head_that_is_not_that_of_the_result_fails(keys: Keys, trust: Trust, forge: Any) -> None:
    exercise = Exercise("f4")
    head = results.head_of(exercise.statement["result"])
    head["company"] = {**head["company"], "band": "low"}
    signed = exercise.signed_2(keys.signer, result=head)
    for data in (signed, copies.copy(signed, lambda leaf: leaf["kind"] == "result")):
        assert forge.failure(verify(data, trust, forge.at)) == (5, Reason.SCORE_DIFFERS)


def test_a_result_that_the_answers_do_not_give_fails(keys: Keys, trust: Trust, forge: Any) -> None:
    exercise = Exercise("f4")
    better = json.loads(json.dumps(exercise.statement["result"]))
    better["deployments"][0]["residual"] = "0.0000"
    signed = exercise.signed_2(keys.signer, whole_result=better)
    assert forge.failure(verify(signed, trust, forge.at)) == (5, Reason.SCORE_DIFFERS)


def test_what_this_release_does_not_know_is_kept_and_told(keys: Keys, trust: Trust, forge: Any) -> None:
    signed = Exercise("f4").signed_2(keys.signer, conditions=["not after a change of owner"])
    report = verify(signed, trust, forge.at)
    assert report.outcome is Outcome.INDETERMINATE
    assert (report.steps[2].status, report.steps[2].reason) == (Status.INDETERMINATE, Reason.STATEMENT_SAYS_MORE)
    assert "conditions" in report.steps[2].problems[0]
    told: Any = report.to_json()["statement"]
    assert told["conditions"] == ["not after a change of owner"]


def test_an_attestation_past_its_last_day_is_told(whole: bytes, trust: Trust, forge: Any) -> None:
    report = verify(whole, trust, forge.at.replace(year=2027))
    assert report.steps[6].reason is Reason.EXPIRED
    assert report.outcome is Outcome.INDETERMINATE
    last_day = forge.at.replace(year=2027, month=11, day=25)
    assert verify(whole, trust, last_day).steps[6].reason is Reason.NO_RECORD


KEY = ("answer", "company", None, "GOV-06")


def test_one_answer_is_proven_beside_a_copy_that_withholds_it(whole: bytes, trust: Trust, forge: Any) -> None:
    proof = single_leaf.build(whole, KEY)
    assert len(proof) < 1500
    band = copies.copy(whole, copies.show_band)
    report = verify(band, trust, forge.at, leaf=proof)
    assert report.steps[8].status is Status.PASSED
    assert report.leaf is not None
    assert report.leaf["question"] == "GOV-06"


def test_what_is_withheld_cannot_be_proven_from_a_copy(whole: bytes) -> None:
    with pytest.raises(KeyError):
        single_leaf.build(copies.copy(whole, copies.show_band), KEY)


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "another answer": lambda value: value["disclosure"]["leaf"].update(answer={"state": "not_known"}),
    "another salt": lambda value: value["disclosure"].update(salt=encode_salt(bytes(16))),
    "another place": lambda value: value.update(index=value["index"] ^ 1),
    "a shorter path": lambda value: value["path"].pop(),
    "a longer path": lambda value: value["path"].append(base64.b64encode(bytes(32)).decode()),
    "a short hash": lambda value: value["path"].append("AAAA"),
    "another statement": lambda value: value.update(statement="sha256:" + "0" * 64),
    "another format": lambda value: value.update(format="enduse-leaf/2"),
    "an unknown field": lambda value: value.update(note="x"),
    "no leaf": lambda value: value.update(disclosure={}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_changed_proof_proves_nothing(name: str, whole: bytes, trust: Trust, forge: Any) -> None:
    proof = change(single_leaf.build(whole, KEY), WRONG[name])
    assert forge.failure(verify(whole, trust, forge.at, leaf=proof)) == (9, Reason.LEAF_PROOF)


def test_version_1_has_no_root_to_prove_a_leaf_against(bundle: bytes, whole: bytes, trust: Trust, forge: Any) -> None:
    report = verify(bundle, trust, forge.at, leaf=single_leaf.build(whole, KEY))
    assert forge.failure(report) == (9, Reason.LEAF_PROOF)


def test_a_withheld_answer_cannot_be_guessed(whole: bytes) -> None:
    """The digest of a yes/no answer is none of those of its choices under salts that a guesser can try."""
    bundle, _, _ = opened(whole)
    leaf = next(dict(one.leaf) for one in bundle.disclosures if one.key == KEY)
    band = opened(copies.copy(whole, copies.show_band))[0]
    guesses = ({**leaf, "answer": answer} for answer in (leaf["answer"], {"state": "not_known"}))
    tried = {leaf_digest(encode_salt(os.urandom(16)), guess) for guess in guesses for _ in range(2000)}
    assert not tried & set(band.withheld)


def test_a_bundle_of_version_1_is_not_copied_in_part(bundle: bytes) -> None:
    with pytest.raises(ValueError, match="version 2"):
        copies.copy(bundle, copies.show_band)


def test_a_statement_is_not_taken_for_one_of_the_other_version(keys: Keys, whole: bytes) -> None:
    _, _, payload = opened(whole)
    for payload_type in (IN_TOTO_TYPE, "application/vnd.enduse.statement+json"):
        envelope = keys.signer.sign_envelope(payload, payload_type)
        assert envelope.payload_bytes == payload
    with pytest.raises(RefusedError):
        in_toto.parse_any("application/vnd.enduse.statement+json", payload)


def test_a_subject_that_is_not_the_root_is_refused(whole: bytes) -> None:
    _, _, payload = opened(whole)
    value = json.loads(payload)
    value["subject"][0]["digest"]["sha256"] = "0" * 64
    with pytest.raises(RefusedError, match="subject"):
        in_toto.parse(canonical_bytes(value))


def test_the_signer_alone_makes_a_statement(keys: Keys, whole: bytes, trust: Trust, forge: Any) -> None:
    signer: Signer = keys.lookalike
    forged = Exercise("f4").signed_2(signer)
    assert forge.failure(verify(forged, trust, forge.at)) == (3, Reason.UNKNOWN_SIGNER)


REMAINDER = {"kind": "result", "group": "deployment", "result": {}}


@pytest.mark.parametrize("row", ["~remainder:p1:XA", "~remainder:*:XA", "~remainder:p-2:*"])
def test_a_remainder_is_a_leaf_of_the_result(row: str) -> None:
    assert disclose({**REMAINDER, "row": row}, bytes(16))["leaf"]["row"] == row


@pytest.mark.parametrize("row", ["~remainder", "~remainder:P1:XA", "~other:p1:XA", "~remainder:p1:X A", "", None])
def test_other_rows_are_none(row: str | None) -> None:
    with pytest.raises(LeafError):
        disclose({**REMAINDER, "row": row}, bytes(16))


def test_a_respondent_cannot_name_a_row_like_a_remainder() -> None:
    leaf = {"kind": "row", "group": "product", "row": "~remainder:p1:XA", "name": "x", "product": None}
    with pytest.raises(LeafError):
        disclose(leaf, bytes(16))


@pytest.mark.parametrize("result", [{}, {"row": None}, {"row": {}}])
def test_parts_of_a_result_that_nobody_signed_are_not_read(
    result: dict[str, Any], whole: bytes, trust: Trust, forge: Any
) -> None:
    def forged(value: dict[str, Any]) -> None:
        for one in value["disclosures"]:
            if one["leaf"]["kind"] == "result" and one["leaf"]["group"] == "deployment":
                one["leaf"]["result"] = result

    report = verify(change(whole, forged), trust, forge.at)
    assert forge.failure(report) == (4, Reason.LEAF_UNKNOWN)
    assert report.result is None


def rename(leaves: list[dict[str, Any]]) -> None:
    first, second = (leaf for leaf in leaves if leaf["row"] in {"d1", "d2"})
    first["row"], second["row"] = second["row"], first["row"]


def add_deployments(leaves: list[dict[str, Any]]) -> None:
    leaves[0]["result"] = {**leaves[0]["result"], "deployments": [{"row": "d1", "band": "low"}]}


@pytest.mark.parametrize("alter", [rename, add_deployments])
def test_a_part_of_the_result_is_what_its_leaf_says(
    alter: Callable[[list[dict[str, Any]]], None], keys: Keys, trust: Trust, forge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signer could else show one deployment's figures as another's, in a leaf alone, and pass with all of them."""
    leaves_of = results.leaves_of

    def altered(result: Any) -> list[dict[str, Any]]:
        leaves = leaves_of(result)
        alter(leaves)
        return leaves

    monkeypatch.setattr(results, "leaves_of", altered)
    signed = Exercise("f1").signed_2(keys.signer)
    parts = copies.copy(signed, lambda leaf: leaf["kind"] == "result")
    assert [forge.failure(verify(data, trust, forge.at)) for data in (signed, parts)] == [(5, Reason.SCORE_DIFFERS)] * 2
