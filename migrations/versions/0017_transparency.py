"""The transparency log: pending entries, entries, the tree's nodes, signed heads. Of no tenant; digests only."""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP
from migrations.tables import digest, moment, text, uuid

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_pending",
        uuid("id"),
        text("statement", nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "log_entry",
        sa.Column("number", sa.BigInteger(), nullable=False),
        text("statement", nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.CheckConstraint("number >= 0", name="number_counts"),
        sa.CheckConstraint("octet_length(entry) <= 65535", name="entry_length"),
        digest("statement"),
        sa.Index(None, "statement"),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sa.CheckConstraint("octet_length(hash) = 32", name="hash_length"),
    )
    op.create_table(
        "log_head",
        sa.Column("size", sa.BigInteger(), nullable=False),
        text("checkpoint"),
        moment("signed_at"),
        sa.PrimaryKeyConstraint("size"),
    )
    op.execute(f"grant select, insert, delete on log_pending to {APP}")
    op.execute(f"grant select, insert on log_entry, log_node, log_head to {APP}")
