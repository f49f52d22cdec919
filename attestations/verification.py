"""Verify an attestation: numbered steps, as in docs/attestation-format.md.

Invariants: bytes, trust and the moment are arguments; nothing is fetched, nothing is written; a step runs only when all
before it held, so the costly steps see signed files alone; whatever a hostile file makes a parser raise becomes a
failed step with a reason code. Only MemoryError and what is no Exception (an interrupt) pass through.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Literal, TypeAlias

from attestations.policy import Policy
from attestations.reasons import Reason, RefusedError
from attestations.report import TITLES, Report, Status, Step
from attestations.results import shown_result
from attestations.steps.countersignatures import check_countersignatures
from attestations.steps.digests import check_digests
from attestations.steps.envelope import check_envelope
from attestations.steps.leaf import check_leaf
from attestations.steps.log import check_log, check_status
from attestations.steps.pdf import check_signature, check_structure
from attestations.steps.policy import check_policy
from attestations.steps.progress import Progress
from attestations.steps.score import check_score
from attestations.trust import Trust

_CHECKS = (
    check_structure, check_signature, check_envelope, check_digests, check_score, check_log, check_status, check_policy,
    check_leaf, check_countersignatures,
)  # fmt: skip
Record: TypeAlias = bytes | Callable[[str], bytes | None] | None
"""The record, or what returns it, or None, for the digest of the statement."""
ANYTHING = Policy()
"""Asks nothing."""
_PDF_MARK = b"%PDF-"
_SKIPPED = "Not run, because an earlier step failed."


def verify(  # noqa: PLR0913  # the file, whom to trust, as of when, and what else the caller has and asks
    data: bytes,
    trust: Trust,
    at: datetime,
    *,
    revisions: Collection[str] = (),
    record: Record = None,
    policy: Policy = ANYTHING,
    leaf: bytes | None = None,
    countersignatures: bytes | None = None,
    sensitivity: bool = False,
) -> Report:
    """Return the report on a PDF or a bare bundle as of a moment (aware). Never raises for what the files hold.

    `revisions` are digests of questionnaires, criteria and contexts that the caller takes although this release does
    not ship them; `record` is what a log and a status list said about the attestation, or finds it; `policy` is what
    the caller asks beyond its being genuine; `leaf` is a single leaf to be proven one of it; `countersignatures` is a
    file of what others say beside it; `sensitivity` asks how firm the bands are, where the score was recomputed. Call
    it from a thread without a running event loop.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of verification needs its time zone")
    progress = Progress(
        data, trust, at, frozenset(revisions), _kind(data), record=record, policy=policy, leaf=leaf,
        countersignatures=countersignatures, sensitivity=sensitivity,
    )  # fmt: skip
    for number, run in enumerate(_CHECKS, 1):
        progress.steps.append(_run(number, run, progress))
    return _report(progress)


def _report(progress: Progress) -> Report:
    statement, bundle = progress.statement, progress.bundle
    failed = any(step.status is Status.FAILED for step in progress.steps)  # then the leaves may be anybody's
    return Report(
        kind=progress.kind,
        at=progress.at,
        steps=tuple(progress.steps),
        statement=statement,
        signer=progress.signer,
        result=None if failed or statement is None or bundle is None else shown_result(statement, bundle.leaves),
        proven_at=progress.proven_at,
        leaf=None if progress.proven is None else progress.proven.leaf,
        countersignatures=progress.findings,
        firmness=progress.firmness,
    )


def _kind(data: bytes) -> Literal["pdf", "bundle", "unknown"]:
    if data.startswith(_PDF_MARK):
        return "pdf"
    return "bundle" if data[:64].lstrip().startswith(b"{") else "unknown"


def _run(number: int, run: Callable[[Progress], Step], progress: Progress) -> Step:
    if any(step.status is Status.FAILED for step in progress.steps):
        return Step(number, Status.NOT_RUN, Reason.EARLIER_STEP_FAILED, _SKIPPED)
    try:
        return run(progress)
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
