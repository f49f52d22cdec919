"""The printed report: figures with their bounds, and none of them after a failure."""

import json
from datetime import datetime
from io import StringIO
from typing import Any

import pytest

from attestations import copies, single_leaf
from attestations.policy import Policy
from attestations.printing import UNMET, print_report
from attestations.report import NEVER_CHECKED, PAGES_NOT_COMPARED
from attestations.text import plain
from attestations.trust import parse
from attestations.verification import verify
from tests.attestations.make_vectors import FOLDER


def printed(data: bytes, trust: Any, forge: Any) -> list[str]:
    stream = StringIO()
    print_report(verify(data, trust, forge.at), stream)
    return stream.getvalue().splitlines()


def fact(lines: list[str], label: str) -> str:
    (found,) = [line for line in lines if line.startswith(f"{label} ")]
    return found.removeprefix(label).strip()


def test_a_rated_result(keys: Any, trust: Any, forge: Any) -> None:
    lines = printed(forge.exercise("f1").signed(keys.signer), trust, forge)
    assert fact(lines, "result") == "high; residual 72.0799"
    assert fact(lines, "people") == "640000 where it is, or may be, high or severe; rows that do not tell it: 0"
    assert fact(lines, "deployments") == "4, the worst is d1"
    assert "  d1  p1  high  72.0799  contribute" in lines
    assert [line[:4] for line in lines if line.startswith("  d")] == ["  d1", "  d2", "  d3", "  d4"]
    assert fact(lines, "signer") == "CN=Test Org development signer,O=Test Org"
    assert fact(lines, "key") == keys.signer.keyid
    assert fact(lines, "root") == "CN=Test Org development root,O=Test Org"
    assert fact(lines, "issuer") == "Fjordfund (as the signer says)"
    assert lines[-1] == "PASSED as of 2026-12-01T12:00:00Z"


def test_a_result_that_is_not_rated(keys: Any, trust: Any, forge: Any) -> None:
    lines = printed(forge.exercise("f8").signed(keys.signer), trust, forge)
    assert fact(lines, "result").startswith("NOT RATED, between low and severe; residual ")
    assert " to " in fact(lines, "result").partition("residual")[2]
    assert any(line.startswith("  d1  p1  NOT RATED, between low and severe  ") for line in lines)


def test_what_holds_the_band_is_printed() -> None:
    vector = FOLDER / "version-2-engine-2"
    stream = StringIO()
    at = datetime.fromisoformat(json.loads((vector / "expected.json").read_text())["at"])
    print_report(
        verify((vector / "attestation.pdf").read_bytes(), parse((vector / "trust.json").read_bytes()), at), stream
    )
    lines = stream.getvalue().splitlines()
    assert fact(lines, "coverage") == "62 of 183 questions answered, 62 with evidence"
    assert fact(lines, "caps") == "C-01, C-02, C-04, C-05, C-07, C-08, C-11, completeness"
    assert fact(lines, "red lines") == "RL-06 not excluded, RL-09 not excluded, RL-10 not excluded"


def test_a_copy_says_that_it_shows_no_deployments(keys: Any, trust: Any, forge: Any) -> None:
    result = {"company": {"deployments": 3}, "coverage": {"answered": 1, "asked": 2, "with_evidence": 0}}
    result |= {"caps": [], "red_lines": [{"red_line": "RL-03", "status": "under_review"}]}
    lines = printed(forge.bundle(keys.signer, result=result), trust, forge)
    assert fact(lines, "deployments") == "3, none of them shown in this copy"
    assert fact(lines, "caps") == "none"
    assert fact(lines, "red lines") == "RL-03 under review"


def test_a_single_leaf_is_printed_with_what_it_says(keys: Any, trust: Any, forge: Any) -> None:
    whole = forge.exercise("f4").signed_2(keys.signer)
    proof = single_leaf.build(whole, ("answer", "deployment", "d1", "USE-04"))
    stream = StringIO()
    print_report(verify(copies.copy(whole, copies.show_band), trust, forge.at, leaf=proof), stream)
    text = " ".join(stream.getvalue().split())
    assert 'leaf answer of the deployment d1 USE-04: {"answer": {"state": "answered", "value": {"people": ' in text


def test_what_is_genuine_and_not_what_was_asked_is_told_so(keys: Any, trust: Any, forge: Any) -> None:
    stream = StringIO()
    data = forge.exercise("f1").signed(keys.signer)
    print_report(verify(data, trust, forge.at, policy=Policy(worst_band="low")), stream)
    lines = stream.getvalue().splitlines()
    assert UNMET.strip() in lines
    assert not any("residual" in line or line.startswith("result") for line in lines)
    assert lines[-1] == "FAILED as of 2026-12-01T12:00:00Z"


def test_after_a_failure_there_are_no_figures(keys: Any, trust: Any, forge: Any) -> None:
    exercise = forge.exercise("f1")
    exercise.statement["result"]["company"]["band"] = "low"
    lines = printed(exercise.signed(keys.signer), trust, forge)
    assert "Nothing that this file states may be relied on." in lines
    assert not any("residual" in line or "72.0799" in line or line.startswith("result") for line in lines)
    assert lines[-1] == "FAILED as of 2026-12-01T12:00:00Z"


@pytest.mark.parametrize("result", [{}, {"company": 1, "deployments": {}}, {"deployments": [1, {"row": []}] * 700}])
def test_a_result_of_another_shape(result: dict[str, Any], keys: Any, trust: Any, forge: Any) -> None:
    """Partly disclosed, so that no step looks into the result."""
    lines = printed(forge.bundle(keys.signer, result=result), trust, forge)
    assert fact(lines, "result") == "NOT RATED, between - and -; residual -"
    assert sum(line.startswith("  -") for line in lines) <= 600
    assert lines[-1].startswith("INDETERMINATE")


def test_what_no_step_looks_at_is_said(sealed: bytes, bundle: bytes, trust: Any, forge: Any) -> None:
    pdf, bare = (" ".join(" ".join(printed(data, trust, forge)).split()) for data in (sealed, bundle))
    assert PAGES_NOT_COMPARED in pdf
    assert PAGES_NOT_COMPARED not in bare
    assert NEVER_CHECKED in pdf
    assert NEVER_CHECKED in bare


@pytest.mark.parametrize("unseen", ["\u3164", "\u115f", "\u034f", "\ufe0f", "\u2800", "\U000e0100", "\u200b", "\u202e"])
def test_what_nobody_would_see_is_shown(unseen: str) -> None:
    assert plain(f"City{unseen}Face") == "City\N{REPLACEMENT CHARACTER}Face"
