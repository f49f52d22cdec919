"""Tables of screening: lists, of no tenant; and screenings with their candidates, owned by who asked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class ScreeningList(Base):
    """A list as of its date. Loading a newer one takes its place; the service only reads it."""

    __tablename__ = "screening_list"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    title: Mapped[str]
    publisher: Mapped[str]
    licence: Mapped[str]
    dated: Mapped[date]
    digest: Mapped[str]
    records: Mapped[int]
    loaded_at: Mapped[datetime]


class ScreeningEntry(Base):
    """A record of a list with the names that the list gives it."""

    __tablename__ = "screening_entry"

    list_id: Mapped[UUID] = mapped_column(ForeignKey("screening_list.id", ondelete="CASCADE"), primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[list[str]] = mapped_column(ARRAY(Text()))


class ScreeningSetting(Base):
    """Whether an organisation allows that names are sent to an outside service. No row: it does not."""

    __tablename__ = "screening_setting"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    outside: Mapped[bool]
    chosen_at: Mapped[datetime]


class Screening(Base):
    """One comparison of a sealed submission's names with all lists; it belongs to who asked for it."""

    __tablename__ = "screening"
    __table_args__ = (
        ForeignKeyConstraint(["subject_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        UniqueConstraint("tenant_id", "id", "subject_id", "submission_id"),
        Index(None, "tenant_id", "submission_id", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    outside: Mapped[bool]
    state: Mapped[str]
    failure: Mapped[str | None]
    matcher: Mapped[str | None]
    lists: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    names: Mapped[int | None]
    asked_at: Mapped[datetime]
    person: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class ScreeningCandidate(Base):
    """A record that a name is like. A person decides once; the vendor sees what was confirmed about it."""

    __tablename__ = "screening_candidate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "screening_id", "subject_id", "submission_id"],
            ["screening.tenant_id", "screening.id", "screening.subject_id", "screening.submission_id"],
        ),
        UniqueConstraint(
            "tenant_id", "screening_id", "question", "row_id", "field", "name", "list_code", "record",
            name="uq_screening_candidate_once",
        ),
        Index(None, "subject_id", "submission_id", "id"),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    screening_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    question: Mapped[str]
    row_id: Mapped[str]
    field: Mapped[str]
    name: Mapped[str]
    list_code: Mapped[str]
    list_title: Mapped[str]
    list_dated: Mapped[date]
    list_digest: Mapped[str | None]
    record: Mapped[str]
    matched: Mapped[str]
    score: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
