"""Tables: organisations (a directory that belongs to no tenant) and OAuth clients."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Organisation(Base):
    """An organisation: the tenant, with one or several roles."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    created_at: Mapped[datetime]


class Client(Base):
    """An OAuth client of an organisation. The secret is 256 random bits, so a plain digest of it is enough."""

    __tablename__ = "oauth_client"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    name: Mapped[str]
    secret_digest: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
