"""Step 10: what an officer of the respondent declares and an auditor assures, brought beside the attestation.

Invariants: without a file the step does not apply, unless the caller asks for what would stand in it; what is genuine
but not proven is told and changes nothing about the attestation.
"""

from typing import TYPE_CHECKING

from attestations.countersignatures.wishes import unmet
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.steps.progress import Progress

if TYPE_CHECKING:
    from attestations.countersignatures.findings import Findings


def check_countersignatures(progress: Progress) -> Step:
    """10: the file is whole, everything in it is genuine, and what the caller asks of it is met."""
    if progress.countersignatures is None and progress.policy.beside.is_empty:
        return Step(10, Status.NOT_APPLICABLE, Reason.NO_COUNTERSIGNATURES, "No countersignatures were given.")
    findings = None if progress.countersignatures is None else _verify(progress, progress.countersignatures)
    problems = unmet(progress.policy.beside, findings)
    if problems or findings is None:
        raise RefusedError(Reason.POLICY, "What stands beside it is not what you asked for.", problems)
    progress.findings = findings
    return _judge(findings)


def _verify(progress: Progress, data: bytes) -> "Findings":
    from attestations.countersignatures.verifying import attested_by, verify_file

    return verify_file(data, attested_by(*progress.opened()), progress.trust, progress.at)


def _judge(findings: "Findings") -> Step:
    if not findings.current:
        return Step(
            10, Status.INDETERMINATE, Reason.COUNTERSIGNATURES_SIGNER_EXPIRED,
            "The key that vouches for the countersignatures no longer counts: get a newer file. Nothing in it counts.",
        )  # fmt: skip
    if not all(one.released for one in findings.entries):
        return Step(
            10, Status.INDETERMINATE, Reason.TEXT_NOT_RELEASED,
            "A text was declared that this release does not know: read it. That declaration does not count.",
        )  # fmt: skip
    if any(one.holder is not None and one.holder.root is None for one in findings.entries):
        return Step(
            10, Status.INDETERMINATE, Reason.HOLDER_NOT_PROVEN,
            "An organisation's own signature holds, but whose key it is was not proven: no organisation root that you "
            "trust leads to its certificate.",
        )  # fmt: skip
    standing = len(findings.standing)
    return Step(
        10, Status.PASSED, Reason.OK,
        f"Genuine, and all that there were at the time of the file; of {len(findings.entries)}, {standing} count.",
    )  # fmt: skip
