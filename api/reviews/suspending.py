"""What an open review does to the attestations of its submission: they are suspended until it is decided."""

from uuid import UUID

from sqlalchemy import select

from api.db.session import TenantSession
from api.reviews.models import ReviewDecision
from api.standing import service as standing


def settle(session: TenantSession, issuer: UUID, submission: UUID) -> list[standing.Change]:
    """Bring what suspends the attestations of a submission in line with its reviews; return what changed.

    The caller holds the submission (`standing.hold`).
    """
    query = select(ReviewDecision.review_id, ReviewDecision.verdict, ReviewDecision.decided_at).where(
        ReviewDecision.tenant_id == issuer, ReviewDecision.submission_id == submission,
        ReviewDecision.kind == "red_line",
    )  # fmt: skip
    last = {row.review_id: row for row in session.execute(query.order_by(ReviewDecision.number))}
    since = min((row.decided_at for row in last.values() if row.verdict == "open"), default=None)
    changes = []
    for attestation in standing.attestations_of(session, issuer, [submission]):
        changes += standing.put(session, attestation, "under_review", since)
    return changes
