"""Tables of retention settings, exports and erasures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class RetentionSetting(Base):
    """How long an organisation keeps what it may choose for, in days; null is the installation's default."""

    __tablename__ = "retention_setting"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    drafts: Mapped[int | None]
    access_records: Mapped[int | None]
    evidence: Mapped[int | None]
    exports: Mapped[int | None]


class DataExport(Base):
    """An export of all of an organisation's data; the file is added once, and goes with the row."""

    __tablename__ = "data_export"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    file_digest: Mapped[str | None]
    file_size: Mapped[int | None] = mapped_column(BigInteger())
    done_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class Erasure(Base):
    """What was erased, and what stayed and why. Of the person a salted digest is kept; the salt is told once."""

    __tablename__ = "erasure"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID]
    asked_at: Mapped[datetime]
    what: Mapped[str]
    subject_digest: Mapped[str]
    reason: Mapped[str]
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSONB())
