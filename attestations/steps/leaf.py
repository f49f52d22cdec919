"""Step 9: a single leaf, brought beside the attestation, is one of its own."""

from attestations import single_leaf
from attestations.in_toto import Predicate
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.steps.progress import Progress


def check_leaf(progress: Progress) -> Step:
    """9: the leaf is one of the statement's."""
    if progress.leaf is None:
        return Step(9, Status.NOT_APPLICABLE, Reason.NO_LEAF, "No single leaf was given.")
    bundle, statement = progress.opened()
    if not isinstance(statement, Predicate):
        raise RefusedError(Reason.LEAF_PROOF, "A statement of version 1 has no root; look its leaves up by digest.")
    progress.proven = single_leaf.verify(progress.leaf, statement, bundle.envelope.payload_bytes)
    return Step(9, Status.PASSED, Reason.OK, "The leaf is one of the statement's.")
