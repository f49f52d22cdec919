"""Table of disclosure requests: owned by the investor, read by both."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class DisclosureRequest(Base):
    """One questionnaire revision asked of one vendor."""

    __tablename__ = "disclosure_request"
    __table_args__ = (UniqueConstraint("tenant_id", "id", "respondent_id"), Index(None, "respondent_id", "id"))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    respondent_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    submission_id: Mapped[UUID]
    questionnaire_id: Mapped[str]
    questionnaire_digest: Mapped[str]
    criteria_id: Mapped[str | None]
    criteria_digest: Mapped[str]
    context_digest: Mapped[str]
    issued_at: Mapped[datetime]
    due_on: Mapped[date]
    note: Mapped[str]
    is_open: Mapped[bool] = mapped_column(server_default=true())
    """It counts as open for its issuer: neither answered, nor its draft erased or past its time."""
