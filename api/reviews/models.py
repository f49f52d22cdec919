"""Tables of reviews: the investor's decisions, the vendor's replies, and the investor's calendar."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Date, FetchedValue, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class ReviewDecision(Base):
    """One decision about one subject of a sealed submission. A later one names the one it replaces; none changes.

    The opening of a review is a decision too: `open`, its reason the allegation. When it is decided is the database's
    to say; the person can be erased later.
    """

    __tablename__ = "review_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "replaces"], ["review_decision.tenant_id", "review_decision.id"]),
        UniqueConstraint("tenant_id", "submission_id", "kind", "subject", "number"),
        UniqueConstraint("tenant_id", "id", "submission_id", "respondent_id"),
        Index(None, "respondent_id", "id"),
        Index(None, "tenant_id", "review_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    respondent_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    review_id: Mapped[UUID]
    """The first decision about the subject: what the review is known by."""
    number: Mapped[int]
    kind: Mapped[str]
    subject: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    person: Mapped[str | None]
    decided_at: Mapped[datetime] = mapped_column(FetchedValue())
    decided_on: Mapped[date] = mapped_column(FetchedValue())
    reply_due: Mapped[date | None]
    reported_on: Mapped[date | None]
    stopped_on: Mapped[date | None]
    lifted_on: Mapped[date | None]
    replaces: Mapped[UUID | None]


class ReviewReply(Base):
    """What the vendor replies to an opening, once."""

    __tablename__ = "review_reply"
    __table_args__ = (
        ForeignKeyConstraint(
            ["investor_id", "decision_id", "submission_id", "tenant_id"],
            [
                "review_decision.tenant_id",
                "review_decision.id",
                "review_decision.submission_id",
                "review_decision.respondent_id",
            ],
        ),
        UniqueConstraint("tenant_id", "decision_id"),
        Index(None, "investor_id", "decision_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    investor_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    decision_id: Mapped[UUID]
    reply: Mapped[str]
    evidence: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    person: Mapped[str | None]
    replied_at: Mapped[datetime]


class ReviewCalendar(Base):
    """The days besides weekends on which an investor's time to reply does not run."""

    __tablename__ = "review_calendar"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date()))
