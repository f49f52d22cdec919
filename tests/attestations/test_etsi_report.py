"""The report after ETSI TS 119 102-2: what passed is said to pass, nothing else is, and no step is left out."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from attestations import cli
from attestations import trust as trusts
from attestations.etsi_report import SPACE, build, indication_of, indication_of_all
from attestations.reasons import Reason
from attestations.report import Outcome, Report, Status, Step
from attestations.trust import Trust
from attestations.verification import verify
from tests.attestations.conftest import AT
from tests.attestations.make_vectors import FOLDER

VECTOR = FOLDER / "version-2-engine-2"
NAMES = {"vr": SPACE, "ds": "http://www.w3.org/2000/09/xmldsig#"}
ALLOWED = {
    "total-passed": {None},
    "total-failed": {"FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE"},
    "indeterminate": {
        "SIG_CONSTRAINTS_FAILURE", "NO_CERTIFICATE_CHAIN_FOUND", "NO_SIGNING_CERTIFICATE_FOUND", "OUT_OF_BOUNDS_NO_POE",
        "NOT_YET_VALID", "REVOKED_NO_POE", "TIMESTAMP_ORDER_FAILURE",
    },
}  # fmt: skip
"""The subindications that EN 319 102-1 knows for each main indication, as far as they are used."""


def read(report: Report, data: bytes) -> ET.Element:
    return ET.fromstring(build(report, data))


def text(root: ET.Element, path: str) -> str | None:
    return root.findtext(path, namespaces=NAMES)


def said(root: ET.Element) -> tuple[str, str | None]:
    found = ".//vr:SignatureValidationReport/vr:SignatureValidationStatus"
    main, sub = text(root, f"{found}/vr:MainIndication"), text(root, f"{found}/vr:SubIndication")
    assert main is not None
    return main.rpartition(":")[2], sub and sub.rpartition(":")[2]


def moment() -> datetime:
    return datetime.fromisoformat(json.loads((VECTOR / "expected.json").read_bytes())["at"])


def test_a_genuine_file_passes_totally() -> None:
    sealed, trust, at = VECTOR / "attestation.pdf", VECTOR / "trust.json", moment()
    root = read(verify(sealed.read_bytes(), trusts.parse(trust.read_bytes()), at), sealed.read_bytes())
    assert root.tag == f"{{{SPACE}}}ValidationReport"
    assert said(root) == ("total-passed", None)
    digest = base64.b64encode(hashlib.sha256(sealed.read_bytes()).digest()).decode()
    assert text(root, ".//vr:SignatureIdentifier/vr:DigestAlgAndValue/ds:DigestValue") == digest
    reference = root.find(".//vr:SignerCertificate", NAMES)
    assert reference is not None
    assert root.find(f".//vr:ValidationObject[@id='{reference.get('VOReference')}']", NAMES) is not None
    assert "Test Org" in (text(root, ".//vr:Signer") or "")


def test_every_step_is_a_constraint_and_those_that_did_not_run_are_disabled(sealed: bytes, trust: Trust) -> None:
    data = sealed + b"x"
    report = verify(data, trust, AT)
    root = read(report, data)
    assert said(root) == ("total-failed", "FORMAT_FAILURE")
    constraints = root.findall(".//vr:ValidationConstraint", NAMES)
    reasons = [text(constraint, "vr:ValidationConstraintParameter/vr:Value") for constraint in constraints]
    assert reasons == [step.reason for step in report.steps]
    for constraint, step in zip(constraints, report.steps, strict=True):
        ran = step.status not in {Status.NOT_RUN, Status.NOT_APPLICABLE}
        state = text(constraint, "vr:ConstraintStatus/vr:Status")
        assert state == f"urn:etsi:019102:constraintStatus:{'applied' if ran else 'disabled'}"
        assert (constraint.find("vr:ValidationStatus", NAMES) is not None) == ran


def test_a_flipped_byte_and_a_stranger_are_told_apart(sealed: bytes, trust: Trust, keys: Any) -> None:
    changed = sealed[:2000] + bytes([sealed[2000] ^ 1]) + sealed[2001:]
    assert said(read(verify(changed, trust, AT), changed))[0] == "total-failed"
    others = trusts.parse(trusts.build([keys.lookalike.root], [keys.lookalike.certificate]))
    assert said(read(verify(sealed, others, AT), sealed)) == ("indeterminate", "NO_CERTIFICATE_CHAIN_FOUND")


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("status", [Status.FAILED, Status.INDETERMINATE])
def test_no_reason_is_called_a_pass(sealed: bytes, trust: Trust, reason: Reason, status: Status) -> None:
    genuine = verify(sealed, trust, AT)
    step = Step(3, status, reason, "X")
    main, sub = indication_of(step)
    assert main != "total-passed"
    assert sub in ALLOWED[main]
    report = replace(genuine, steps=(*genuine.steps[:2], step, *genuine.steps[3:]))
    assert report.outcome is not Outcome.PASSED
    assert indication_of_all(report) == (main, sub)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    file, trust = str(VECTOR / "attestation.pdf"), str(VECTOR / "trust.json")
    arguments = ["verify", file, "--trust", trust, "--at", moment().isoformat()]
    assert cli.main([*arguments, "--etsi"]) == 0
    assert said(ET.fromstring(capsys.readouterr().out)) == ("total-passed", None)
    assert cli.main([*arguments, "--etsi", "--json"]) == 64
