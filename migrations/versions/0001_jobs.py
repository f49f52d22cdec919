"""Jobs: Procrastinate's own tables. They carry opaque ids only and have no tenant."""

from alembic import op
from procrastinate.schema import SchemaManager

from api.db.roles import APP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("revoke create on schema public from public")
    op.execute(f"grant usage on schema public to {APP}")
    op.execute(f"grant select on alembic_version to {APP}")
    op.execute(f"grant select, insert, update, delete on procrastinate_jobs to {APP}")
    op.execute(f"grant select, insert on procrastinate_events to {APP}")
    op.execute(f"grant select, insert, update, delete on procrastinate_workers to {APP}")
    op.execute(f"grant select, insert, update, delete on procrastinate_periodic_defers to {APP}")
    op.execute(f"grant usage on all sequences in schema public to {APP}")
