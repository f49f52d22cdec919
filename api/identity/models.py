"""Tables: organisations (a directory that belongs to no tenant), their OAuth clients, and what was used or revoked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, false, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Organisation(Base):
    """An organisation: the tenant, with one or several roles."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index(None, "parent_id"),
        Index(None, "merged_into"),
        Index(None, "name_key", "id"),
        Index("uq_organisation_lei", "lei", unique=True, postgresql_where=text("merged_into is null")),
        Index(
            "uq_organisation_register", "register_country", "register_key", unique=True,
            postgresql_where=text("merged_into is null"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    created_at: Mapped[datetime]
    name_key: Mapped[str] = mapped_column(Text(collation="C"), server_default="")
    """The name as it is searched for (see `api.identity.identifiers.key_of_name`)."""
    lei: Mapped[str | None]
    register_country: Mapped[str | None]
    register_number: Mapped[str | None]
    register_key: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    domain: Mapped[str | None]
    domain_by: Mapped[str | None]
    """Who named the domain: `operator`, or `investor`, whose word a second investor may contest."""
    domain_contested: Mapped[bool] = mapped_column(server_default=false())
    claimed_at: Mapped[datetime | None]
    """Since when somebody runs it; null for a record, which no client acts for."""
    proof: Mapped[str | None]
    """How whoever runs it proved to be it: `operator`, `dns` or `email`."""
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    """The organisation that this id is an alias of; never itself an alias."""


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
