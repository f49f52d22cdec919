"""Verify an attestation: numbered steps, as in docs/attestation-format.md.

Invariants: bytes, trust and the moment are arguments; nothing is fetched, nothing is written; a step runs only when all
before it held, so the costly steps see signed files alone; whatever a hostile file makes a parser raise becomes a
failed step with a reason code. Only MemoryError and what is no Exception (an interrupt) pass through.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from attestations import bundle as bundles
from attestations import envelope as envelopes
from attestations import statement as statements
from attestations.byte_range import MAX_PDF, SignedBytes, find_signed_bytes
from attestations.certificates import TOLERANCE, find_issuer, is_chain_valid_at
from attestations.reasons import Reason, RefusedError
from attestations.recomputation import recompute
from attestations.report import TITLES, Report, Status, Step
from attestations.trust import Trust
from questionnaires.canonical import canonical_bytes, digest

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_PDF_MARK = b"%PDF-"
_PLAIN = "The checked file is a bare bundle: there is no PDF to check."
_SKIPPED = "Not run, because an earlier step failed."


@dataclass
class _Verification:
    """What the steps hand on to each other."""

    data: bytes
    trust: Trust
    at: datetime
    kind: Literal["pdf", "bundle", "unknown"]
    signed: SignedBytes | None = None
    reader: "PdfFileReader | None" = None
    bundle: bundles.Bundle | None = None
    statement: statements.Statement | None = None
    steps: list[Step] = field(default_factory=list)


def verify(data: bytes, trust: Trust, at: datetime) -> Report:
    """Return the report on a PDF or a bare bundle as of a moment (aware). Never raises for what the file holds.

    Call it from a thread without a running event loop.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of verification needs its time zone")
    state = _Verification(data, trust, at, _kind(data))
    checks = (_check_structure, _check_signature, _check_envelope, _check_digests, _check_score)
    for number, run in enumerate(checks, 1):
        state.steps.append(_run(number, run, state))
    return Report(state.kind, at, tuple(state.steps), state.statement)


def _kind(data: bytes) -> Literal["pdf", "bundle", "unknown"]:
    if data.startswith(_PDF_MARK):
        return "pdf"
    return "bundle" if data[:64].lstrip().startswith(b"{") else "unknown"


def _run(number: int, run: Callable[[_Verification], Step], state: _Verification) -> Step:
    if any(step.status is Status.FAILED for step in state.steps):
        return Step(number, Status.NOT_RUN, Reason.EARLIER_STEP_FAILED, _SKIPPED)
    try:
        return run(state)
    except RefusedError as refused:
        return Step(number, Status.FAILED, refused.reason, refused.sentence, refused.problems)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # parsers of hostile files raise whatever they stumble over
        return Step(
            number,
            Status.FAILED,
            Reason.UNREADABLE,
            f"The {TITLES[number]} could not be read: {type(error).__name__}.",
        )


def _check_structure(state: _Verification) -> Step:
    """1: one signature that covers the whole file, by the raw bytes."""
    if state.kind == "unknown":
        raise RefusedError(Reason.NOT_RECOGNISED, "The file is neither a PDF nor a bundle.")
    if len(state.data) > MAX_PDF:
        raise RefusedError(Reason.TOO_LARGE, f"The file is larger than {MAX_PDF} bytes.")
    if state.kind == "bundle":
        return Step(1, Status.NOT_APPLICABLE, Reason.NO_PDF, _PLAIN)
    state.signed = find_signed_bytes(state.data)
    return Step(1, Status.PASSED, Reason.OK, "One signature covers every byte of the file; nothing was appended.")


def _check_signature(state: _Verification) -> Step:
    """2: the signature holds and its signer was certified by a given root; then the PDF reader must agree."""
    if state.signed is None:
        return Step(2, Status.NOT_APPLICABLE, Reason.NO_PDF, _PLAIN)
    from attestations.embedded import open_pdf
    from attestations.signature import check_bytes, check_document

    check_bytes(state.signed, state.trust.roots)
    state.reader = open_pdf(state.data)
    seal = check_document(state.reader, state.signed, state.trust.roots, state.at)
    if not is_chain_valid_at(seal.certificate, state.trust.roots, state.at):
        return Step(
            2,
            Status.INDETERMINATE,
            Reason.SIGNER_EXPIRED,
            "The signature holds, but a certificate of its chain is out of validity at the moment of verification, and "
            "no trusted timestamp shows that the signature is older.",
        )
    return Step(
        2,
        Status.PASSED,
        Reason.OK,
        f"Signed by a signer of a trusted root; the signer says at {statements.format_instant(seal.signed_at)}.",
    )


def _check_envelope(state: _Verification) -> Step:
    """3: the statement in the bundle is signed by a trusted signer."""
    bundle = bundles.parse(_bundle_bytes(state))
    keys = {keyid: state.trust.key_of(keyid) for keyid in state.trust.signers}
    keyid = envelopes.verify(bundle.envelope, keys, unknown=_unknown_signer)
    if keyid is None:
        raise RefusedError(Reason.ENVELOPE_SIGNATURE, "The envelope's signature does not fit the statement.")
    certificate = state.trust.signers[keyid]
    if find_issuer(certificate, state.trust.roots) is None:
        raise RefusedError(Reason.CHAIN_NOT_TRUSTED, "No given root issued the certificate of the envelope's signer.")
    statement = statements.parse(bundle.envelope.payload_bytes)
    issued_at = statements.read_instant(statement.issued_at)
    if not is_chain_valid_at(certificate, state.trust.roots, issued_at):
        raise RefusedError(
            Reason.SIGNED_OUTSIDE_VALIDITY, "The statement was issued outside the validity of the signer's certificate."
        )
    if issued_at > state.at + TOLERANCE:
        raise RefusedError(Reason.SIGNED_IN_FUTURE, "The statement was issued after the moment of verification.")
    state.bundle, state.statement = bundle, statement
    if not is_chain_valid_at(certificate, state.trust.roots, state.at):
        return Step(
            3,
            Status.INDETERMINATE,
            Reason.SIGNER_EXPIRED,
            "The envelope's signature holds, but a certificate of its chain is out of validity at the moment of "
            "verification.",
        )
    return Step(3, Status.PASSED, Reason.OK, "A trusted signer signed the statement, and these are its very bytes.")


def _bundle_bytes(state: _Verification) -> bytes:
    if state.reader is None:
        return state.data
    from attestations.embedded import read_bundle

    return read_bundle(state.reader)


def _check_digests(state: _Verification) -> Step:
    """4: every part of the bundle is the one that the statement names."""
    bundle, statement = _opened(state)
    for part, named, reason in (
        (bundle.questionnaire, statement.questionnaire.digest, Reason.QUESTIONNAIRE_DIGEST),
        (bundle.criteria, statement.criteria.digest, Reason.CRITERIA_DIGEST),
        (bundle.context, statement.context.used_digest, Reason.CONTEXT_DIGEST),
    ):
        if digest(part) != named:
            raise RefusedError(reason, "A part of the bundle is not the one that the statement names.")
    _check_leaves(bundle, statement)
    disclosed, total = len(bundle.disclosures), len(statement.leaves)
    return Step(
        4,
        Status.PASSED,
        Reason.OK,
        f"{disclosed} of {total} leaves are disclosed, each as signed; revisions and context are the ones named.",
    )


def _check_leaves(bundle: bundles.Bundle, statement: statements.Statement) -> None:
    signed = set(statement.leaves)
    digests, keys = set(), set()
    for at, disclosure in enumerate(bundle.disclosures):
        if disclosure.digest not in signed:
            raise RefusedError(Reason.LEAF_UNKNOWN, f"Disclosure {at} is not a leaf of the statement.")
        if disclosure.digest in digests or disclosure.key in keys:
            raise RefusedError(Reason.LEAF_TWICE, f"Disclosure {at} repeats another.")
        digests.add(disclosure.digest)
        keys.add(disclosure.key)


def _check_score(state: _Verification) -> Step:
    """5: the disclosed answers give the signed result again."""
    bundle, statement = _opened(state)
    disclosed, total = len(bundle.disclosures), len(statement.leaves)
    if disclosed < total:
        return Step(
            5,
            Status.INDETERMINATE,
            Reason.PARTLY_DISCLOSED,
            f"Only {disclosed} of {total} leaves are disclosed; the score cannot be recomputed from a part.",
        )
    try:
        again = recompute(bundle, statement)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError(
            Reason.NOT_COMPUTABLE, f"The disclosed answers cannot be scored: {type(error).__name__}."
        ) from error
    if canonical_bytes(again) != canonical_bytes(statement.result):
        raise RefusedError(Reason.SCORE_DIFFERS, "The disclosed answers give another result than the signed one.")
    return Step(5, Status.PASSED, Reason.OK, "The disclosed answers give exactly the signed result.")


def _opened(state: _Verification) -> tuple[bundles.Bundle, statements.Statement]:
    assert state.bundle is not None, "step 3 ran"
    assert state.statement is not None, "step 3 ran"
    return state.bundle, state.statement


def _unknown_signer() -> RefusedError:
    return RefusedError(Reason.UNKNOWN_SIGNER, "No signature of the envelope is by a signer of the trust file.")
