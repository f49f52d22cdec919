"""The base of all tables.

Invariant: constraints and indexes are named by one convention, so that models, migrations and error handling agree.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, Uuid
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base: text is unlimited, moments carry their zone, ids are native uuids."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  # the declarative API reads it as a plain attribute
        str: Text(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
    }
