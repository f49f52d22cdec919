"""Step 4: every part of the bundle is the one that the statement names, and the one that was released.

Invariants: a name proves nothing, digests do; a revision that this release does not ship is nobody's until the caller
names it; the figures of a shipped context are read in the shipped snapshot, not in the bundle.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from attestations.bundle import Bundle
from attestations.disclosure import LeafKey
from attestations.in_toto import AnyStatement, Predicate
from attestations.leaf_tree import root_of
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.steps.progress import Progress
from questionnaires.canonical import Digest, digest


class _Named(NamedTuple):
    """A revision as the statement names it, beside the part of the bundle."""

    kind: str
    part: Mapping[str, Any] | None
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
        (bundle.context, used_digest(bundle, statement), Reason.CONTEXT_DIGEST),
    ):
        if part is not None and digest(part) != named:
            raise RefusedError(reason, "A part of the bundle is not the one that the statement names.")
    _check_leaves(bundle, statement)
    unshipped = _check_revisions(bundle, statement)
    _check_rows(bundle, statement)
    disclosed = f"{len(bundle.disclosures)} of {statement.leaf_count} leaves are disclosed, each as signed"
    unknown = [one for one in unshipped if one.digest not in progress.revisions]
    _check_extension(bundle, [one for one in unshipped if one not in unknown])
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


def used_digest(bundle: Bundle, statement: AnyStatement) -> str | None:
    """Return the digest of the context rows that were used, as signed; None where they are withheld.

    In version 2 they are a leaf, which is signed as such.
    """
    if isinstance(statement, Predicate):
        return None if bundle.context is None else digest(bundle.context)
    return statement.context.used_digest


def _check_leaves(bundle: Bundle, statement: AnyStatement) -> None:
    digests = [disclosure.digest for disclosure in bundle.disclosures]
    if isinstance(statement, Predicate):
        _check_root([*digests, *bundle.withheld], statement)
    else:
        _check_members(digests, set(statement.leaves))
    seen: set[LeafKey | str] = set()
    for at, (found, disclosure) in enumerate(zip(digests, bundle.disclosures, strict=True)):
        if found in seen or disclosure.key in seen:
            raise RefusedError(Reason.LEAF_TWICE, f"Disclosure {at} repeats another.")
        seen |= {found, disclosure.key}


def _check_members(digests: list[Digest], signed: set[str]) -> None:
    for at, found in enumerate(digests):
        if found not in signed:
            raise RefusedError(Reason.LEAF_UNKNOWN, f"Disclosure {at} is not a leaf of the statement.")


def _check_root(digests: list[str], statement: Predicate) -> None:
    if len(set(digests)) != len(digests):
        raise RefusedError(Reason.LEAF_TWICE, "A leaf is disclosed, or named as withheld, twice.")
    if len(digests) != statement.leaves.count or root_of(digests) != statement.leaves.root:
        raise RefusedError(Reason.LEAF_UNKNOWN, "The leaves, disclosed and withheld, are not those of the statement.")


def _check_revisions(bundle: Bundle, statement: AnyStatement) -> list[_Named]:
    """Return the revisions that this release does not ship; raise RefusedError for names that do not fit."""
    from questionnaires import library

    unshipped = []
    for one in _revisions(bundle, statement):
        part = one.part
        if part is not None and any(part.get(name) != value for name, value in one.expected.items()):
            raise RefusedError(one.reason, "The statement and the bundle name a revision differently.")
        released = library.released()[one.kind]
        if released.get(one.revision) == one.digest:
            continue
        if one.revision in released or one.digest in released.values():
            raise RefusedError(
                Reason.REVISION_DIFFERS, "A revision bears the name of a released one and is not that revision."
            )
        unshipped.append(one)
    if bundle.criteria.get("questionnaire") not in {statement.questionnaire.id, extended_id(bundle.questionnaire)}:
        raise RefusedError(Reason.CRITERIA_NAME, "The criteria are for another questionnaire.")
    return unshipped


def _check_extension(bundle: Bundle, taken: list[_Named]) -> None:
    """Refuse a questionnaire that the caller takes and that does not hold the released one that it says it extends."""
    from attestations.revisions import holds_its_base

    extends = extended_id(bundle.questionnaire) is not None
    if extends and any(one.kind == "questionnaires" for one in taken) and not holds_its_base(bundle.questionnaire):
        raise RefusedError(
            Reason.CRITERIA_NAME, "The questionnaire does not hold the released one that it says it extends."
        )


def extended_id(questionnaire: Mapping[str, Any]) -> str | None:
    """Return the id of the released questionnaire that another says it extends: its criteria read both."""
    from questionnaires import library

    derived = questionnaire.get("derived_from")
    if not isinstance(derived, dict) or derived.get("relation") != "extends":
        return None
    released = library.released()["questionnaires"]
    return next((name.partition("@")[0] for name, one in released.items() if one == derived.get("digest")), None)


def _revisions(bundle: Bundle, statement: AnyStatement) -> tuple[_Named, ...]:
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


def _check_rows(bundle: Bundle, statement: AnyStatement) -> None:
    """Refuse a row that the shipped snapshot does not have so; which rows are needed, step 5 knows."""
    from attestations.revisions import find_snapshot
    from questionnaires.revisions import revision_json

    snapshot = find_snapshot(statement.context.digest)
    if snapshot is None or bundle.context is None:
        return
    rows = bundle.context.get("areas")
    codes = [code for code in rows if code in snapshot.areas] if isinstance(rows, dict) else []
    carried = snapshot.model_copy(update={"areas": {code: snapshot.areas[code] for code in codes}})
    if digest(revision_json(carried)) != used_digest(bundle, statement):
        raise RefusedError(Reason.CONTEXT_DIFFERS, "The bundle's context is not an extract of the released snapshot.")
