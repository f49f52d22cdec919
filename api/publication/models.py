"""Tables of publication: consents, each its party's own; and the public registry, of no tenant.

Invariant: what stands in the registry was agreed to by both parties, and is gone from it once one of them withdraws.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class PublicationConsent(Base):
    """What one party says to a publication: that it agrees, and that it does so no longer."""

    __tablename__ = "publication_consent"
    __table_args__ = (Index(None, "other_id", "id"), Index(None, "tenant_id", "attestation_id"))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """That of the publication: both parties' rows have it."""
    attestation_id: Mapped[UUID]
    other_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The other party, which sees it too."""
    proposed: Mapped[bool]
    """Whether it proposes; else it answers the proposal of the other party, in the same terms."""
    level: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB())
    agreed_at: Mapped[datetime | None]
    """Null where the other party's proposal was declined."""
    withdrawn_at: Mapped[datetime | None]


class RegistryEntry(Base):
    """A public copy of an attestation; where it is withdrawn, nothing but when."""

    __tablename__ = "registry_entry"
    __table_args__ = (
        Index(None, "respondent_id"),
        Index(None, "issuer_id"),
        Index(
            "uq_registry_entry_attestation", "attestation_id", unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    attestation_id: Mapped[UUID | None]
    issuer_id: Mapped[UUID | None]
    respondent_id: Mapped[UUID | None]
    issuer: Mapped[str | None]
    """The parties' names as the statement has them."""
    respondent: Mapped[str | None]
    respondent_key: Mapped[str | None]
    """The respondent's name as it is searched for."""
    statement: Mapped[str | None]
    issued_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    status_index: Mapped[int | None] = mapped_column(Integer())
    questionnaire_id: Mapped[str | None]
    questionnaire_revision: Mapped[str | None]
    questionnaire_title: Mapped[str | None]
    level: Mapped[str | None]
    band_rank: Mapped[int | None] = mapped_column(SmallInteger())
    """Of the upper bound: 0 low to 4 severe."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The head of the result, as the statement has it."""
    bundle: Mapped[bytes | None] = mapped_column(LargeBinary(), deferred=True)
    pdf_digest: Mapped[str | None]
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary(), deferred=True)
