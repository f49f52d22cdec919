"""Step 4: every part of the bundle is the one that the statement names, and the one that was released.

Invariants: a name proves nothing, digests do; a revision that this release does not ship is nobody's until the caller
names it; the figures of a shipped context are read in the shipped snapshot, not in the bundle.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from attestations.bundle import Bundle
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.statement import Statement
from attestations.steps.progress import Progress
from questionnaires.canonical import digest


class _Named(NamedTuple):
    """A revision as the statement names it, beside the part of the bundle."""

    kind: str
    part: Mapping[str, Any]
    expected: Mapping[str, object]
    revision: str
    digest: str
    reason: Reason


def check_digests(progress: Progress) -> Step:
    """4: each leaf as signed, each revision as named and as released."""
    bundle, statement = progress.opened()
    for part, named, reason in (
        (bundle.questionnaire, statement.questionnaire.digest, Reason.QUESTIONNAIRE_DIGEST),
        (bundle.criteria, statement.criteria.digest, Reason.CRITERIA_DIGEST),
        (bundle.context, statement.context.used_digest, Reason.CONTEXT_DIGEST),
    ):
        if digest(part) != named:
            raise RefusedError(reason, "A part of the bundle is not the one that the statement names.")
    _check_leaves(bundle, statement)
    unshipped = _check_revisions(bundle, statement)
    _check_rows(bundle, statement)
    disclosed = f"{len(bundle.disclosures)} of {len(statement.leaves)} leaves are disclosed, each as signed"
    unknown = [one for one in unshipped if one.digest not in progress.revisions]
    if unknown:
        return Step(
            4,
            Status.INDETERMINATE,
            Reason.REVISION_NOT_RELEASED,
            f"{disclosed}; but this release does not ship every revision that was used. Get the missing ones from "
            "whoever published them, read them, and name their digests (--revision).",
            tuple(f"{one.kind}: {one.digest}" for one in unknown),
        )
    taken = "".join(f" Not shipped, taken because you named it: {one.kind} {one.digest}." for one in unshipped)
    return Step(4, Status.PASSED, Reason.OK, f"{disclosed}; revisions and context are the ones named.{taken}")


def _check_leaves(bundle: Bundle, statement: Statement) -> None:
    signed = set(statement.leaves)
    digests, keys = set(), set()
    for at, disclosure in enumerate(bundle.disclosures):
        found, key = disclosure.digest, disclosure.key
        if found not in signed:
            raise RefusedError(Reason.LEAF_UNKNOWN, f"Disclosure {at} is not a leaf of the statement.")
        if found in digests or key in keys:
            raise RefusedError(Reason.LEAF_TWICE, f"Disclosure {at} repeats another.")
        digests.add(found)
        keys.add(key)


def _check_revisions(bundle: Bundle, statement: Statement) -> list[_Named]:
    """Return the revisions that this release does not ship; raise RefusedError for names that do not fit."""
    from questionnaires import library

    unshipped = []
    for one in _revisions(bundle, statement):
        if any(one.part.get(name) != value for name, value in one.expected.items()):
            raise RefusedError(one.reason, "The statement and the bundle name a revision differently.")
        released = library.released()[one.kind]
        if released.get(one.revision) == one.digest:
            continue
        if one.revision in released or one.digest in released.values():
            raise RefusedError(
                Reason.REVISION_DIFFERS, "A revision bears the name of a released one and is not that revision."
            )
        unshipped.append(one)
    if bundle.criteria.get("questionnaire") != statement.questionnaire.id:
        raise RefusedError(Reason.CRITERIA_NAME, "The criteria are for another questionnaire.")
    return unshipped


def _revisions(bundle: Bundle, statement: Statement) -> tuple[_Named, ...]:
    asked, scored, context = statement.questionnaire, statement.criteria, statement.context
    return (
        _Named(
            "questionnaires",
            bundle.questionnaire,
            {"id": asked.id, "revision": asked.revision, "title": asked.title},
            f"{asked.id}@{asked.revision}",
            asked.digest,
            Reason.QUESTIONNAIRE_NAME,
        ),
        _Named(
            "criteria",
            bundle.criteria,
            {"id": scored.id, "revision": scored.revision, "engine": scored.engine},
            f"{scored.id}@{scored.revision}",
            scored.digest,
            Reason.CRITERIA_NAME,
        ),
        _Named(
            "contexts",
            bundle.context,
            {"id": context.id, "revision": context.revision},
            f"{context.id}@{context.revision}",
            context.digest,
            Reason.CONTEXT_NAME,
        ),
    )


def _check_rows(bundle: Bundle, statement: Statement) -> None:
    """Refuse a row that the shipped snapshot does not have so; which rows are needed, step 5 knows."""
    from attestations.revisions import find_snapshot
    from questionnaires.revisions import revision_json

    snapshot = find_snapshot(statement.context.digest)
    if snapshot is None:
        return
    rows = bundle.context.get("areas")
    codes = [code for code in rows if code in snapshot.areas] if isinstance(rows, dict) else []
    carried = snapshot.model_copy(update={"areas": {code: snapshot.areas[code] for code in codes}})
    if digest(revision_json(carried)) != statement.context.used_digest:
        raise RefusedError(Reason.CONTEXT_DIFFERS, "The bundle's context is not an extract of the released snapshot.")
