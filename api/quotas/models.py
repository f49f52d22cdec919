"""Tables of what each organisation keeps."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class StoredFile(Base):
    """A file of an organisation, counted once however often it is named."""

    __tablename__ = "stored_file"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger())
    permanent: Mapped[bool]
    """A document of an attestation: it stays, whatever becomes of evidence with the same content."""


class Usage(Base):
    """What an organisation keeps and may keep; null where the installation's settings decide."""

    __tablename__ = "usage"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    stored_bytes: Mapped[int] = mapped_column(BigInteger())
    open_requests: Mapped[int] = mapped_column(BigInteger())
    allowed_bytes: Mapped[int | None] = mapped_column(BigInteger())
    allowed_requests: Mapped[int | None] = mapped_column(BigInteger())
