"""Step 5: the disclosed answers give the signed result again.

Invariant: figures must be equal as canonical bytes; there is no rounding and no tolerance.
"""

from attestations.bundle import Bundle
from attestations.in_toto import AnyStatement, Predicate
from attestations.reasons import Reason, RefusedError
from attestations.recomputation import assess_again
from attestations.report import Status, Step
from attestations.results import head_of, shown_result
from attestations.results import result_of as result_of_leaves
from attestations.steps.digests import used_digest
from attestations.steps.progress import Progress
from questionnaires.canonical import canonical_bytes, digest


def check_score(progress: Progress) -> Step:
    """5: recompute the result from everything that was signed."""
    bundle, statement = progress.opened()
    _check_parts(bundle, statement)
    disclosed, total = len(bundle.disclosures), statement.leaf_count
    if disclosed < total:
        return Step(
            5,
            Status.INDETERMINATE,
            Reason.PARTLY_DISCLOSED,
            f"Only {disclosed} of {total} leaves are disclosed; the score cannot be recomputed from a part.",
        )
    from questionnaires.scoring import result_of

    try:
        scorecard = assess_again(bundle, statement)
        again = result_of(scorecard)
    except (RefusedError, MemoryError):
        raise
    except Exception as error:  # signed revisions that do not fit each other make the engine raise anything
        raise RefusedError(
            Reason.NOT_COMPUTABLE, f"The disclosed answers cannot be scored: {type(error).__name__}."
        ) from error
    _check_places(bundle, statement, scorecard.places)
    if canonical_bytes(again) != canonical_bytes(shown_result(statement, bundle.leaves)):
        raise RefusedError(Reason.SCORE_DIFFERS, "The disclosed answers give another result than the signed one.")
    if progress.sensitivity:
        from attestations.revisions import read_criteria
        from attestations.sensitivity import measure

        progress.firmness = measure(read_criteria(canonical_bytes(bundle.criteria)), scorecard)
    return Step(5, Status.PASSED, Reason.OK, "The disclosed answers give exactly the signed result.")


def _check_parts(bundle: Bundle, statement: AnyStatement) -> None:
    """Refuse a head that is not that of the company's result, where this is disclosed, and parts under another name.

    Parts are compared with the result as one; each also has to be what its own leaf says, for it may be shown alone.
    """
    if not isinstance(statement, Predicate):
        return
    for leaf in bundle.leaves:
        if leaf["kind"] == "result" and (
            "deployments" in leaf["result"] if leaf["row"] is None else leaf["result"].get("row") != leaf["row"]
        ):
            raise RefusedError(Reason.SCORE_DIFFERS, "A part of the result is not of the row that its leaf names.")
    found = result_of_leaves(bundle.leaves)
    if found is not None and canonical_bytes(head_of(found)) != canonical_bytes(statement.result):
        raise RefusedError(Reason.SCORE_DIFFERS, "The statement's head is not that of the company's result.")


def _check_places(bundle: Bundle, statement: AnyStatement, places: frozenset[str]) -> None:
    """Refuse a bundle that carries other rows than reading these places needs; a row left out would read as open."""
    from attestations.revisions import find_snapshot
    from questionnaires.revisions import revision_json

    snapshot = find_snapshot(statement.context.digest)
    if snapshot is not None and digest(revision_json(snapshot.used(places))) != used_digest(bundle, statement):
        raise RefusedError(Reason.CONTEXT_DIFFERS, "The bundle's context is not what these places need.")
