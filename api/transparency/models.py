"""Tables of the log: of no tenant, digests only; the serving role can lengthen them, and no more.

The heads of audit logs are each its organisation's own.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class PendingEntry(Base):
    """An entry that has no place in the log yet; it was written in the transaction of what it tells of."""

    __tablename__ = "log_pending"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    statement: Mapped[str | None]
    entry: Mapped[bytes] = mapped_column(LargeBinary())


class LogEntry(Base):
    """An entry in its place."""

    __tablename__ = "log_entry"

    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    statement: Mapped[str | None] = mapped_column(index=True)
    """The statement that the entry speaks of."""
    entry: Mapped[bytes] = mapped_column(LargeBinary())


class LogNode(Base):
    """The hash of a full subtree."""

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary())


class LogHead(Base):
    """A head as it was signed; every one is kept."""

    __tablename__ = "log_head"

    size: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    checkpoint: Mapped[str]
    signed_at: Mapped[datetime]


class StatusPlace(Base):
    """A place in the status list that an attestation has, at random; whose it is, only its statement says."""

    __tablename__ = "status_place"

    index: Mapped[int] = mapped_column(Integer(), primary_key=True, autoincrement=False)
    status: Mapped[int] = mapped_column(SmallInteger())


class AuditHeadRow(Base):
    """The head of one organisation's audit log at the end of a day, with its path to the root that the log holds."""

    __tablename__ = "audit_head"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger())
    digest: Mapped[str]
    salt: Mapped[str]
    index: Mapped[int] = mapped_column(BigInteger())
    path: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    entry: Mapped[bytes] = mapped_column(LargeBinary())
