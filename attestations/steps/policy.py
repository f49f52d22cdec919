"""Step 8: what the caller asks beyond a genuine attestation.

Invariant: without a policy the step does not apply; it never turns another step's finding into a better one.
"""

from attestations.policy import Proven, unmet
from attestations.reasons import Reason, RefusedError
from attestations.report import Status, Step
from attestations.steps.log import place_of
from attestations.steps.progress import Progress


def check_policy(progress: Progress) -> Step:
    """8: every wish of the caller is met."""
    if progress.policy.is_empty:
        return Step(8, Status.NOT_APPLICABLE, Reason.NO_POLICY, "Nothing more was asked.")
    _, statement = progress.opened()
    proven = Proven(
        logged=bool(progress.events),
        status=any(step.number == 7 and step.status is Status.PASSED for step in progress.steps)  # noqa: PLR2004
        and (place_of(statement) is None or progress.status_token is not None),
        timestamp=progress.proven_at is not None,
    )
    problems = unmet(progress.policy, statement, proven, progress.at)
    if problems:
        raise RefusedError(Reason.POLICY, "It is not what you asked for.", problems)
    return Step(8, Status.PASSED, Reason.OK, "It is what you asked for.")
