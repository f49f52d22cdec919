"""Tables of context snapshots: loaded ones, of no tenant, and those of one's own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class ContextSnapshot(Base):
    """A snapshot that the operator loaded; the service only reads it."""

    __tablename__ = "context_snapshot"
    __table_args__ = (UniqueConstraint("name"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB())
    loaded_at: Mapped[datetime]


class OwnContext(Base):
    """A context of one's own. It never changes; who is asked with it, or sees what was sealed under it, sees it."""

    __tablename__ = "own_context"
    __table_args__ = (UniqueConstraint("tenant_id", "digest"), UniqueConstraint("tenant_id", "name"))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str]
    based_on: Mapped[str]
    name: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB())
    made_at: Mapped[datetime]
    person: Mapped[str | None]
