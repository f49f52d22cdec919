"""What every table of drafts holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Draft(Base):
    """A text that is being written, as its author sent it. Nobody else sees it."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    media_type: Mapped[str]
    source: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
