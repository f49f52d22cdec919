"""The report in the form of ETSI TS 119 102-2 (XML), for software that reads validation reports of signatures.

Invariants: "total-passed" is said of what PASSED and of nothing else; each step stands as a constraint, with its own
indication; text of the file stands in none of it but for the signer's name.

The standard knows fewer words than our reasons: where a signature holds and something else does not (trust, log,
status, policy, score), it says "indeterminate" with a constraint that failed, and does not call the signature invalid.
"""

import base64
import hashlib
from typing import Literal, TypeAlias
from xml.etree import ElementTree as ET

from attestations.reasons import Reason
from attestations.report import Outcome, Report, Status, Step
from attestations.statement import format_instant
from attestations.text import plain

SPACE = "http://uri.etsi.org/19102/v1.2.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

Main: TypeAlias = Literal["total-passed", "indeterminate", "total-failed"]

_FORMAT = {
    Reason.UNREADABLE, Reason.TOO_LARGE, Reason.NOT_RECOGNISED, Reason.NO_SIGNATURE, Reason.SEVERAL_SIGNATURES,
    Reason.BYTE_RANGE, Reason.NOT_ENTIRE_FILE, Reason.SIGNATURE_CONTENTS, Reason.SIGNATURE_FORMAT, Reason.NO_BUNDLE,
    Reason.SEVERAL_FILES, Reason.BUNDLE_TOO_LARGE, Reason.BUNDLE_FORMAT, Reason.STATEMENT_FORMAT,
}  # fmt: skip
_CRYPTO = {Reason.SIGNATURE_INVALID, Reason.ENVELOPE_SIGNATURE}
_HASH = {
    Reason.QUESTIONNAIRE_DIGEST, Reason.CRITERIA_DIGEST, Reason.CONTEXT_DIGEST, Reason.LEAF_UNKNOWN,
    Reason.LEAF_PROOF, Reason.LOG_DOCUMENT,
}  # fmt: skip
_UNDECIDED = {
    Reason.CHAIN_NOT_TRUSTED: "NO_CERTIFICATE_CHAIN_FOUND",
    Reason.UNKNOWN_SIGNER: "NO_SIGNING_CERTIFICATE_FOUND",
    Reason.SIGNER_EXPIRED: "OUT_OF_BOUNDS_NO_POE",
    Reason.SIGNED_OUTSIDE_VALIDITY: "OUT_OF_BOUNDS_NO_POE",
    Reason.SIGNED_IN_FUTURE: "NOT_YET_VALID",
    Reason.KEY_REVOKED: "REVOKED_NO_POE",
    Reason.TIMES_DISORDERED: "TIMESTAMP_ORDER_FAILURE",
}


def indication_of(step: Step) -> tuple[Main, str | None]:
    """Return the main indication and the subindication that a step comes to (EN 319 102-1, table 6)."""
    if step.status in {Status.PASSED, Status.NOT_APPLICABLE}:
        return "total-passed", None
    if step.status is Status.FAILED:
        for reasons, name in ((_FORMAT, "FORMAT_FAILURE"), (_CRYPTO, "SIG_CRYPTO_FAILURE"), (_HASH, "HASH_FAILURE")):
            if step.reason in reasons:
                return "total-failed", name
    return "indeterminate", _UNDECIDED.get(step.reason, "SIG_CONSTRAINTS_FAILURE")


def indication_of_all(report: Report) -> tuple[Main, str | None]:
    """Return the indication of the whole: that of the step which decided the outcome."""
    if report.outcome is Outcome.PASSED:
        return "total-passed", None
    wanted = Status.FAILED if report.outcome is Outcome.FAILED else Status.INDETERMINATE
    deciding = next((step for step in report.steps if step.status is wanted), report.steps[-1])
    return indication_of(deciding)


def build(report: Report, data: bytes) -> bytes:
    """Return the validation report of a file as XML, UTF-8."""
    for prefix, space in (("vr", SPACE), ("ds", DS), ("xades", XADES)):
        ET.register_namespace(prefix, space)
    root = ET.Element(_name("ValidationReport"))
    found = _add(root, "SignatureValidationReport")
    identifier = _add(found, "SignatureIdentifier")
    identifier.set("id", "attestation")
    _digest(_add(identifier, "DigestAlgAndValue"), data)
    _add(identifier, "HashOnly", "false")
    _add(identifier, "DocHashOnly", "false")
    constraints = _add(found, "ValidationConstraintsEvaluationReport")
    for step in report.steps:
        _constraint(_add(constraints, "ValidationConstraint"), step)
    times = _add(found, "ValidationTimeInfo")
    _add(times, "ValidationTime", format_instant(report.at))
    best = _add(times, "BestSignatureTime")
    proven = report.proven_at if report.facts else None
    _add(best, "POETime", format_instant(proven or report.at))
    _add(best, "TypeOfProof", "urn:etsi:019102:poetype:validation")
    if report.signer is not None:
        signer = _add(found, "SignerInformation")
        _add(signer, "SignerCertificate").set("VOReference", "signer")
        _add(signer, "Signer", plain(report.signer.subject))
    process = "Basic" if proven is None else "LTVM"
    _add(
        _add(found, "SignatureValidationProcess"),
        "SignatureValidationProcessID",
        f"urn:etsi:019102:validationprocess:{process}",
    )
    _status(_add(found, "SignatureValidationStatus"), *indication_of_all(report))
    if report.signer is not None:
        _signer_object(_add(root, "SignatureValidationObjects"), report.signer.keyid)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _constraint(parent: ET.Element, step: Step) -> None:
    _add(parent, "ValidationConstraintIdentifier", f"urn:enduse:verification:step:{step.number}")
    parameter = _add(parent, "ValidationConstraintParameter")
    _add(parameter, "Type", "urn:enduse:verification:reason")
    _add(parameter, "Value", step.reason.value)
    applied = step.status not in {Status.NOT_RUN, Status.NOT_APPLICABLE}
    state = "applied" if applied else "disabled"
    _add(_add(parent, "ConstraintStatus"), "Status", f"urn:etsi:019102:constraintStatus:{state}")
    if applied:
        _status(_add(parent, "ValidationStatus"), *indication_of(step))


def _status(parent: ET.Element, main: Main, sub: str | None) -> None:
    _add(parent, "MainIndication", f"urn:etsi:019102:mainindication:{main}")
    if sub is not None:
        _add(parent, "SubIndication", f"urn:etsi:019102:subindication:{sub}")


def _digest(parent: ET.Element, data: bytes) -> None:
    ET.SubElement(parent, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    value = ET.SubElement(parent, f"{{{DS}}}DigestValue")
    value.text = base64.b64encode(hashlib.sha256(data).digest()).decode()


def _signer_object(parent: ET.Element, keyid: str) -> None:
    """Add the object that the signer's certificate is referred to by: its key's digest stands for it."""
    found = _add(parent, "ValidationObject")
    found.set("id", "signer")
    _add(found, "ObjectType", "urn:etsi:019102:validationObject:publicKey")
    shown = _add(_add(found, "ValidationObjectRepresentation"), "DigestAlgAndValue")
    ET.SubElement(shown, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    value = ET.SubElement(shown, f"{{{DS}}}DigestValue")
    value.text = base64.b64encode(bytes.fromhex(keyid.removeprefix("sha256:"))).decode()


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    made = ET.SubElement(parent, _name(name))
    made.text = text
    return made


def _name(name: str) -> str:
    return f"{{{SPACE}}}{name}"
