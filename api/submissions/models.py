"""Tables of submissions, their history, and the grants that show a sealed one to others."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base

EMPTY = """'{"company": {}, "product": {}, "deployment": {}}'::jsonb"""


class Submission(Base):
    """A vendor's answers to one request. Sealed, it never changes; until then only the vendor sees it."""

    __tablename__ = "submission"
    __table_args__ = (
        ForeignKeyConstraint(
            ["issuer_id", "request_id", "tenant_id"],
            ["disclosure_request.tenant_id", "disclosure_request.id", "disclosure_request.respondent_id"],
            deferrable=True,  # merging a record moves a request and its draft together
            initially="IMMEDIATE",
        ),
        UniqueConstraint("tenant_id", "issuer_id", "request_id"),
        UniqueConstraint("tenant_id", "id", "issuer_id"),
        Index(None, "issuer_id", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    issuer_id: Mapped[UUID]
    request_id: Mapped[UUID]
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default=text(EMPTY))
    version: Mapped[int]
    saved_at: Mapped[datetime]
    sealed_at: Mapped[datetime | None]
    sealed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    leaves: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    to_confirm: Mapped[dict[str, list[str]]] = mapped_column(JSONB(), server_default=text("'{}'::jsonb"))
    """Answers that were carried here and wait for the vendor's word: rows by question (the company's row is empty)."""


class SubmissionRevision(Base):
    """One save: what it said, when, by which client."""

    __tablename__ = "submission_revision"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        UniqueConstraint("tenant_id", "submission_id", "version"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    version: Mapped[int]
    delta: Mapped[dict[str, Any]] = mapped_column(JSONB())
    saved_at: Mapped[datetime]
    client_id: Mapped[UUID]
    person: Mapped[str | None]


class AccessGrant(Base):
    """The vendor shows a sealed submission, or an attestation of it, to another organisation.

    The levels below `all` show a copy; the level `published` shows one attestation, and of the submission nothing.
    """

    __tablename__ = "access_grant"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        ForeignKeyConstraint(
            ["attestation_tenant_id", "attestation_id", "tenant_id", "submission_id"],
            ["attestation.tenant_id", "attestation.id", "attestation.respondent_id", "attestation.submission_id"],
        ),
        Index(None, "grantee_id", "id"),
        Index(None, "tenant_id", "submission_id", "grantee_id"),
        Index(
            "uq_access_grant_sealing", "tenant_id", "submission_id", unique=True,
            postgresql_where=text("made_by = 'sealing'"),
        ),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    grantee_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str]
    level: Mapped[str]
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    made_by: Mapped[str]
    """`vendor`, or `sealing`: to the issuer, when the vendor answered its request; that one stays."""
    attestation_tenant_id: Mapped[UUID | None]
    """The investor whose row the attestation is."""
    attestation_id: Mapped[UUID | None]


class BreakGlassAccess(Base):
    """An operator reads one sealed submission, or one piece of its evidence; belongs to the vendor whose it is."""

    __tablename__ = "break_glass_access"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "submission_id", "evidence_id"],
            ["evidence.tenant_id", "evidence.submission_id", "evidence.id"],
        ),
        Index(None, "operator_id", "id"),
        Index(None, "tenant_id", "submission_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    submission_id: Mapped[UUID]
    evidence_id: Mapped[UUID | None]
    reason: Mapped[str]
    minutes: Mapped[int]
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID]
    requested_person: Mapped[str | None]
    """Null once erased, which is done to what is over alone."""
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    approved_person: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class AccessRecord(Base):
    """Somebody other than the vendor read a part of a sealed submission, or a granted attestation; the vendor knows."""

    __tablename__ = "access_record"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "break_glass_id"], ["break_glass_access.tenant_id", "break_glass_access.id"]
        ),
        Index(None, "tenant_id", "submission_id", "id"),
        Index(None, "tenant_id", "break_glass_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID]
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    what: Mapped[str]
    at: Mapped[datetime]
    person: Mapped[str | None]
    break_glass_id: Mapped[UUID | None]
    """The break-glass access under which an operator read."""
    attestation_id: Mapped[UUID | None]
    """The attestation that a grantee read. No foreign key: the policy asks for the grant, which has one."""
