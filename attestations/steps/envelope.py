"""Step 3: the statement in the bundle is signed by a trusted signer, the same that sealed the PDF.

Invariants: the signature is checked before the rest of the bundle is read, so that a stranger's file costs little; the
times of the statement follow each other.
"""

from datetime import datetime, timedelta

from attestations import bundle as bundles
from attestations import envelope as envelopes
from attestations import statement as statements
from attestations.certificates import Chain, find_chains, is_later, key_id
from attestations.in_toto import AnyStatement, Predicate, parse_any
from attestations.reasons import Reason, RefusedError
from attestations.report import SignerName, Status, Step
from attestations.steps.progress import Progress

ASSESSED_WITHIN = timedelta(days=2)
"""How far the day of assessment may lie from the moment of issue: one day, and the zones of the world."""


def check_envelope(progress: Progress) -> Step:
    """3: a trusted signer signed the statement, and these are its very bytes."""
    data = _bundle_bytes(progress)
    envelope = bundles.read_envelope(data)
    chains = _check_signer(progress, envelope)
    statement = parse_any(envelope.payload_type, envelope.payload_bytes)
    issued_at = statements.read_instant(statement.issued_at)
    chain = next((chain for chain in chains if chain.is_valid_at(issued_at)), None)
    if chain is None:
        raise RefusedError(
            Reason.SIGNED_OUTSIDE_VALIDITY, "The statement was issued outside the validity of the signer's certificate."
        )
    if is_later(issued_at, progress.at):
        raise RefusedError(Reason.SIGNED_IN_FUTURE, "The statement was issued after the moment of verification.")
    check_window(progress, envelope.keyid, issued_at)
    if progress.seal is not None:  # a key that is out of use seals nothing either: the pages would be anybody's
        check_window(progress, envelope.keyid, progress.seal.signed_at)
    _check_times(progress, statement)
    progress.bundle = bundles.parse(data, leaves=statement.leaf_count)
    progress.statement = statement
    progress.signer = SignerName(
        chain.certificate.subject.rfc4514_string(), envelope.keyid, chain.root.subject.rfc4514_string()
    )
    revoked_at = progress.trust.window_of(envelope.keyid).revoked_at
    proven_at = progress.proven_at
    if revoked_at is not None and revoked_at <= progress.at and (proven_at is None or proven_at >= revoked_at):
        return Step(
            3,
            Status.INDETERMINATE,
            Reason.KEY_REVOKED,
            "The signer's key was revoked later, and no trusted timestamp shows that the signature is older.",
        )
    if not progress.held_within(chains):
        return Step(
            3,
            Status.INDETERMINATE,
            Reason.SIGNER_EXPIRED,
            "The envelope's signature holds, but a certificate of its chain is out of validity at the moment of "
            "verification, and no trusted timestamp shows that the signature is older.",
        )
    if isinstance(statement, Predicate) and statement.unknown:
        return Step(
            3,
            Status.INDETERMINATE,
            Reason.STATEMENT_SAYS_MORE,
            "The statement says more than this release reads; what it does not know could restrict the rest.",
            (", ".join(statement.unknown),),
        )
    return Step(3, Status.PASSED, Reason.OK, "A trusted signer signed the statement, and these are its very bytes.")


def _bundle_bytes(progress: Progress) -> bytes:
    if progress.reader is None:
        return progress.data
    from attestations.embedded import read_bundle

    return read_bundle(progress.reader)


def _check_signer(progress: Progress, envelope: envelopes.Envelope) -> list[Chain]:
    """Return the chains of the key that signed."""
    trust = progress.trust
    certificates = trust.signers.get(envelope.keyid)
    if certificates is None:
        raise RefusedError(Reason.UNKNOWN_SIGNER, "The envelope's signer is not among the signers of the trust file.")
    if not envelopes.verify(envelope, trust.key_of(envelope.keyid)):
        raise RefusedError(Reason.ENVELOPE_SIGNATURE, "The envelope's signature does not fit the statement.")
    if progress.seal is not None and key_id(progress.seal.certificate) != envelope.keyid:
        raise RefusedError(Reason.SIGNERS_DIFFER, "One key sealed the PDF and another signed the statement.")
    chains = find_chains(certificates, trust.roots)
    if not chains:
        raise RefusedError(Reason.CHAIN_NOT_TRUSTED, "No given root issued the certificate of the envelope's signer.")
    return chains


def check_window(progress: Progress, keyid: str, signed_at: datetime) -> None:
    """Refuse a signature that, by its own word, was made while the trust list does not let the key count."""
    window = progress.trust.window_of(keyid)
    if window.revoked_at is not None and signed_at >= window.revoked_at:
        raise RefusedError(Reason.KEY_REVOKED, "The signature was made after the signer's key was revoked.")
    if (window.since is not None and signed_at < window.since) or (
        window.until is not None and signed_at >= window.until
    ):
        raise RefusedError(Reason.KEY_OUT_OF_USE, "By the trust list, the key was not in use when it signed.")


def _check_times(progress: Progress, statement: AnyStatement) -> None:
    """Refuse a statement whose times cannot be: asked, declared, issued and sealed follow each other."""
    asked = statements.read_instant(statement.request.issued_at)
    declared = statements.read_instant(statement.declaration.sealed_at)
    issued = statements.read_instant(statement.issued_at)
    problems = [
        problem
        for problem, found in (
            ("/declaration/sealed_at: before the request", is_later(asked, declared)),
            ("/issued_at: before the declaration", is_later(declared, issued)),
            (
                "/request/due_on: before the request",
                statements.read_day(statement.request.due_on) - asked.date() < -ASSESSED_WITHIN,
            ),
            (
                "/assessed_on: not the day of issue",
                abs(statements.read_day(statement.assessed_on) - issued.date()) > ASSESSED_WITHIN,
            ),
            (
                "/issued_at: after the PDF was sealed",
                progress.seal is not None and is_later(issued, progress.seal.signed_at),
            ),
        )
        if found
    ]
    if problems:
        raise RefusedError(Reason.TIMES_DISORDERED, "The times of the statement do not follow each other.", problems)
