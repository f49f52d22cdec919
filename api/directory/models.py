"""Tables of claims, and of what operators did to the directory and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Claim(Base):
    """Somebody says to be the organisation that the tenant's id names, whether or not there is one."""

    __tablename__ = "claim"
    __table_args__ = (Index(None, "expires_at"),)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    method: Mapped[str]
    mailbox: Mapped[str | None]
    token_digest: Mapped[str | None]
    """Of a claim by e-mail it is null until the token is mailed: no row ever holds a token."""
    domain: Mapped[str | None]
    """The domain that the token was mailed to."""
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]


class DirectoryAct(Base):
    """An operator changed the directory, and said why; the row is the operator's own."""

    __tablename__ = "directory_act"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    act: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    into_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str]
    at: Mapped[datetime]
    client_id: Mapped[UUID]
    person: Mapped[str | None]
