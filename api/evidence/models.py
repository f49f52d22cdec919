"""Tables of evidence, what it is about, and gradings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Evidence(Base):
    """A file that the respondent attached to a draft."""

    __tablename__ = "evidence"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        UniqueConstraint("tenant_id", "submission_id", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    file_digest: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    dated: Mapped[date | None]
    public_url: Mapped[str | None]
    attached_at: Mapped[datetime]
    file_erased_at: Mapped[datetime | None]


class EvidenceAbout(Base):
    """One answer that a piece of evidence is about; `row_id` is empty for the company."""

    __tablename__ = "evidence_about"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "submission_id", "evidence_id"],
            ["evidence.tenant_id", "evidence.submission_id", "evidence.id"],
        ),
        UniqueConstraint("tenant_id", "submission_id", "evidence_id", "question", "row_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    evidence_id: Mapped[UUID] = mapped_column(primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[str] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]


class Grading(Base):
    """The grade that somebody other than the vendor gives to evidence for one answer; the latest per grader counts."""

    __tablename__ = "grading"
    __table_args__ = (
        ForeignKeyConstraint(
            ["submission_tenant_id", "submission_id", "evidence_id", "question", "row_id"],
            [
                "evidence_about.tenant_id",
                "evidence_about.submission_id",
                "evidence_about.evidence_id",
                "evidence_about.question",
                "evidence_about.row_id",
            ],
        ),
        Index(None, "submission_tenant_id", "submission_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_tenant_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    evidence_id: Mapped[UUID]
    question: Mapped[str]
    row_id: Mapped[str]
    grade: Mapped[str]
    dated: Mapped[date | None]
    note: Mapped[str]
    graded_at: Mapped[datetime]
    person: Mapped[str | None]
