"""Tables of overlays: drafts and published revisions, which only their organisation sees."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base
from api.drafts.models import Draft


class OverlayDraft(Draft):
    """An overlay that is being written: its text as its author sent it."""

    __tablename__ = "overlay_draft"


class PublishedOverlay(Base):
    """A revision, known by its digest; it never changes. `criteria_digest` is that of the criteria that it makes."""

    __tablename__ = "published_overlay"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "overlay_id", "revision"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    overlay_id: Mapped[str]
    revision: Mapped[int]
    title: Mapped[str]
    base_digest: Mapped[str]
    criteria_digest: Mapped[str]
    definition: Mapped[str]
    published_at: Mapped[datetime]
