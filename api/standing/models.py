"""Tables of attestations: owned by the issuer, read by both parties and by whom the vendor lets read.

Invariants: what was stated never changes; a suspension is begun and ended once; there is one at a time for a reason.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Attestation(Base):
    """What was stated, as signed bytes; the PDF is added once."""

    __tablename__ = "attestation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        Index(None, "respondent_id", "id"),
        UniqueConstraint("tenant_id", "id", "respondent_id", "submission_id"),
        Index(None, "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    respondent_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    statement: Mapped[bytes] = mapped_column(LargeBinary(), deferred=True)
    bundle: Mapped[bytes] = mapped_column(LargeBinary(), deferred=True)
    issued_at: Mapped[datetime]
    pdf_digest: Mapped[str | None]
    pdf_size: Mapped[int | None] = mapped_column(BigInteger())
    sealed_at: Mapped[datetime | None]
    status_index: Mapped[int | None]
    """Its place in the status list, as its statement names it; none for a statement of version 1."""


class AttestationRevocation(Base):
    """That one of the two parties revoked an attestation, for good."""

    __tablename__ = "attestation_revocation"
    __table_args__ = (Index(None, "other_id", "attestation_id"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    attestation_id: Mapped[UUID] = mapped_column(primary_key=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The other party, which sees it too."""
    reason: Mapped[str]
    revoked_at: Mapped[datetime]


class AttestationSuspension(Base):
    """That an attestation is suspended for a reason, from a moment on, until it ended."""

    __tablename__ = "attestation_suspension"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "attestation_id", "respondent_id", "submission_id"],
            ["attestation.tenant_id", "attestation.id", "attestation.respondent_id", "attestation.submission_id"],
        ),
        Index(None, "respondent_id", "attestation_id"),
        Index(
            "uq_attestation_suspension_open", "tenant_id", "attestation_id", "reason", unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    attestation_id: Mapped[UUID]
    respondent_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    reason: Mapped[str]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
