"""Rate limits: when each key may be used again. Not of any tenant, not worth logging, lost with a crash."""

from alembic import op

from api.db.roles import APP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create unlogged table rate_limit (key text primary key check (length(key) <= 100), free_at timestamptz not null)"
    )
    op.execute(f"grant select, insert, update, delete on rate_limit to {APP}")
