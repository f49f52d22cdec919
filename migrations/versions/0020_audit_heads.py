"""Heads of audit logs at the end of each day, as they went into the transparency log; each organisation reads its own."""

import sqlalchemy as sa

from migrations.tables import digest, tenant_table, text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "audit_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        text("digest"),
        text("salt"),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        digest("digest"),
        key=("tenant_id", "day"),
    )
