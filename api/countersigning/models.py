"""Table of countersignatures: each row is its maker's, and read by whoever may read the attestation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Countersignature(Base):
    """A declaration, an assurance, or the withdrawal of one, as it stands in the file; never changed.

    `person` is who acted, as the maker's own systems name them, and can be erased; what was signed names its officer.
    """

    __tablename__ = "countersignature"
    __table_args__ = (
        ForeignKeyConstraint(
            ["attestation_tenant_id", "attestation_id", "respondent_id", "submission_id"],
            ["attestation.tenant_id", "attestation.id", "attestation.respondent_id", "attestation.submission_id"],
        ),
        ForeignKeyConstraint(
            ["tenant_id", "withdraws", "attestation_id"],
            ["countersignature.tenant_id", "countersignature.id", "countersignature.attestation_id"],
        ),
        UniqueConstraint("tenant_id", "id", "attestation_id"),
        UniqueConstraint("tenant_id", "withdraws"),
        Index(None, "attestation_tenant_id", "attestation_id", "seq"),
        Index(None, "respondent_id", "attestation_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger(), Identity(always=True))
    """The order of the acts about one attestation, under a lock."""
    attestation_tenant_id: Mapped[UUID]
    attestation_id: Mapped[UUID]
    respondent_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    kind: Mapped[str]
    withdraws: Mapped[UUID | None]
    content_digest: Mapped[str]
    entry: Mapped[bytes] = mapped_column(LargeBinary())
    person: Mapped[str | None]
    made_at: Mapped[datetime]
