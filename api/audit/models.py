"""Table of audit entries: one chain per tenant. Number and digest are given by the database."""

from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class AuditEntry(Base):
    """One entry: what happened, as canonical JSON, and its link to the entry before.

    The text holds a salted digest of the acting person; the person and the salt stand beside it and can be erased:
    then `erased_by` is the number of the entry that tells of it.
    """

    __tablename__ = "audit_entry"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger(), FetchedValue(), primary_key=True)
    payload: Mapped[str]
    digest: Mapped[str] = mapped_column(FetchedValue())
    person: Mapped[str | None]
    salt: Mapped[str | None]
    erased_by: Mapped[int | None] = mapped_column(BigInteger())
