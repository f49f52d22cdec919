"""Hostile bundles cost little: a stranger's before its signature, and a genuine envelope around something else."""

import json
import time
from typing import Any

import pytest

from attestations import bundle as bundles
from attestations.reasons import Reason
from attestations.verification import verify

CPU_BUDGET = 0.25
"""Seconds of CPU in which a hostile file is refused (design budget)."""
LARGE = 15 * 1024 * 1024
LEAF = (
    b'{"salt":"AAAAAAAAAAAAAAAAAAAAAA","leaf":{"kind":"answer","group":"company","row":null,"question":"GOV-01",'
    b'"answer":{},"evidence":[' + b"1," * 300 + b"1]}}"
)
KEYS = b'{"salt":"AAAAAAAAAAAAAAAAAAAAAA","leaf":{' + b",".join(b'"%d":1' % at for at in range(90)) + b"}}"


def filled(head: bytes, part: bytes, tail: bytes) -> bytes:
    """Return as many parts, separated by commas, as a bundle may hold."""
    return head + b",".join([part] * ((LARGE - len(head) - len(tail)) // (len(part) + 1))) + tail


PARTS = {
    "numbers": filled(b"[", b"1", b"]"),
    "lists": filled(b"[", b"[]", b"]"),
    "objects": filled(b"[", b"{}", b"]"),
    "bad leaves": filled(b"[", LEAF, b"]"),
    "leaves with many fields": filled(b"[", KEYS, b"]"),
    "names": b"[{" + b",".join(b'"%x":1' % at for at in range(LARGE // 10)) + b"}]",
    "escapes": b'["' + b"\\u0041" * (LARGE // 6) + b'"]',
    "a number": b"[" + b"1" * LARGE + b"]",
    "spaces": b"[1" + b" " * LARGE + b"]",
}


def cost(data: bytes, trust: Any, forge: Any) -> tuple[float, Any]:
    assert len(data) <= bundles.MAX_BUNDLE
    started = time.process_time()
    report = verify(data, trust, forge.at)
    return time.process_time() - started, report


@pytest.mark.parametrize("name", PARTS)
def test_a_stranger_s_bundle(name: str, keys: Any, trust: Any, forge: Any, bundle: bytes) -> None:
    forged = json.loads(forge.bundle(keys.lookalike))["envelope"]
    for data in (
        b'{"disclosures":' + PARTS[name] + b"}",
        b'{"disclosures":' + PARTS[name] + b',"envelope":' + json.dumps(forged).encode() + b"}",
        b'{"envelope":' + PARTS[name][1:-1] + b"}}}",
    ):
        spent, report = cost(data, trust, forge)
        assert report.steps[2].reason in {Reason.BUNDLE_FORMAT, Reason.UNKNOWN_SIGNER}
        assert len(report.steps[2].problems) <= 1
        assert spent < CPU_BUDGET


@pytest.mark.parametrize("field", ["disclosures", "context", "more"])
@pytest.mark.parametrize("name", PARTS)
def test_a_genuine_envelope_around_something_else(name: str, field: str, bundle: bytes, trust: Any, forge: Any) -> None:
    content = {**json.loads(bundle), field: "HERE"}
    part = PARTS[name] if field == "disclosures" else b'{"a":' + PARTS[name] + b"}"
    data = json.dumps(content).encode().replace(b'"HERE"', part)
    spent, report = cost(data, trust, forge)
    assert forge.failure(report)[1] in {Reason.BUNDLE_FORMAT, Reason.BUNDLE_TOO_LARGE, Reason.CONTEXT_DIGEST}
    assert spent < CPU_BUDGET


def test_no_more_parts_than_the_leaves_could_need(bundle: bytes, trust: Any, forge: Any) -> None:
    limit = bundles.MAX_PARTS + 3 * bundles.PARTS_PER_LEAF
    content = {**json.loads(bundle), "context": {"a": [[]] * (limit // 2 + 1)}}
    report = verify(json.dumps(content).encode(), trust, forge.at)
    assert forge.failure(report) == (3, Reason.BUNDLE_TOO_LARGE)
    content = {**json.loads(bundle), "context": {"a": [[]] * (limit // 2 - 5_000)}}
    spent, report = cost(json.dumps(content).encode(), trust, forge)
    assert forge.failure(report) == (4, Reason.CONTEXT_DIGEST)
    assert spent < CPU_BUDGET
