"""Steps 1 and 2: one signature over every byte of a PDF, by a signer that the caller trusts.

Invariants: the raw bytes are judged first; a PDF reader sees the file only once the signature over them held.
"""

from datetime import datetime

from attestations.byte_range import MAX_PDF, find_signed_bytes
from attestations.certificates import find_chains, key_id
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.statement import format_instant
from attestations.steps.progress import Progress

_PLAIN = "The checked file is a bare bundle: there is no PDF to check."


def check_structure(progress: Progress) -> Step:
    """1: one signature that covers the whole file, by the raw bytes."""
    if progress.kind == "unknown":
        raise RefusedError(Reason.NOT_RECOGNISED, "The file is neither a PDF nor a bundle.")
    if len(progress.data) > MAX_PDF:
        raise RefusedError(Reason.TOO_LARGE, f"The file is larger than {MAX_PDF} bytes.")
    if progress.kind == "bundle":
        return Step(1, Status.NOT_APPLICABLE, Reason.NO_PDF, _PLAIN)
    progress.signed = find_signed_bytes(progress.data)
    return Step(1, Status.PASSED, Reason.OK, "One signature covers every byte of the file; nothing was appended.")


def check_signature(progress: Progress) -> Step:
    """2: the signature holds and its signer was certified by a given root; then the PDF reader must agree."""
    if progress.signed is None:
        return Step(2, Status.NOT_APPLICABLE, Reason.NO_PDF, _PLAIN)
    from attestations.active_content import refuse_active_content
    from attestations.embedded import open_pdf
    from attestations.signature import check_bytes, check_document, prove

    trust = progress.trust
    signed = check_bytes(progress.signed, trust.roots)
    certificates = trust.signers.get(key_id(signed.certificate))
    if certificates is None:
        raise RefusedError(Reason.UNKNOWN_SIGNER, "The PDF's signer is not among the signers of the trust file.")
    progress.reader = open_pdf(progress.data)
    seal = check_document(progress.reader, progress.signed, trust.roots, progress.at)
    progress.seal = prove(seal, signed.token, trust.timestamp_roots, progress.at)
    refuse_active_content(progress.reader)
    chains = find_chains((progress.seal.certificate, *certificates), trust.roots)
    if not progress.held_within(chains):
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
        f"Signed by a trusted signer; the signer says at {format_instant(progress.seal.signed_at)}."
        + _tell_time(progress.seal.proven_at, stamped=signed.token is not None),
    )


def _tell_time(proven_at: datetime | None, *, stamped: bool) -> str:
    if proven_at is not None:
        return f" A trusted timestamp proves it since {format_instant(proven_at)}."
    return " Its timestamp is of an authority that you do not trust, and proves nothing." if stamped else ""
