"""Tables: organisations (a directory that belongs to no tenant), their OAuth clients, and what was used or revoked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
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
    """An OAuth client of an organisation, with one credential: a secret or a public key.

    The secret is 256 random bits, so a plain digest of it is enough. A credential that was replaced is valid until
    `old_until`.
    """

    __tablename__ = "oauth_client"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    """The client that made it; null where an operator did."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    secret_digest: Mapped[str | None]
    public_key: Mapped[str | None]
    old_secret_digest: Mapped[str | None]
    old_public_key: Mapped[str | None]
    old_until: Mapped[datetime | None]


class UsedAssertion(Base):
    """A client assertion that was accepted, and is not accepted again; kept until it expires."""

    __tablename__ = "used_assertion"
    __table_args__ = (Index(None, "tenant_id", "expires_at"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class RevokedToken(Base):
    """An access token that was revoked; kept until it expires."""

    __tablename__ = "revoked_token"
    __table_args__ = (Index(None, "tenant_id", "expires_at"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
