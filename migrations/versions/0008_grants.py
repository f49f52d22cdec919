"""Grants have a level: what lies below the whole is a copy, so that the whole is never shown; and readings are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.db.roles import APP
from migrations.tables import ME, both_parties, moment, own_or, tenant_table, text, uuid

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVE = "revoked_at is null and (expires_at is null or expires_at > now())"
# The policies of access_grant hide from a grantee what is no longer live, also inside these subqueries.
WHOLE = f"""sealed_at is not null and (issuer_id = {ME} or exists (
    select from access_grant a where a.tenant_id = submission.tenant_id and a.submission_id = submission.id
      and a.grantee_id = {ME} and a.level = 'all'))"""
SEEN = f"""reader_id = {ME} and (
    exists (select from submission s where s.tenant_id = access_record.tenant_id and s.id = access_record.submission_id)
    or exists (select from access_grant a where a.tenant_id = access_record.tenant_id
      and a.submission_id = access_record.submission_id and a.grantee_id = {ME}))"""


def upgrade() -> None:
    op.add_column("access_grant", text("level", default="all"))
    op.alter_column("access_grant", "level", server_default=None)
    op.add_column("access_grant", sa.Column("shown", JSONB(), nullable=True))
    op.create_check_constraint("level_known", "access_grant", "level in ('band', 'sections', 'unwithheld', 'all')")
    op.create_check_constraint("whole_or_copy", "access_grant", "(level = 'all') = (shown is null)")
    op.execute("drop policy access_grant_select on access_grant")
    live = own_or(f"grantee_id = {ME} and {LIVE}")
    op.execute(f"create policy access_grant_select on access_grant for select to {APP} using ({live})")
    op.execute("drop policy submission_select on submission")
    op.execute(f"create policy submission_select on submission for select to {APP} using ({own_or(WHOLE)})")
    tenant_table(
        "access_record",
        uuid("submission_id"),
        uuid("reader_id"),
        text("what"),
        moment("at"),
        text("person", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        sa.ForeignKeyConstraint(["reader_id"], ["organisation.id"]),
        sa.CheckConstraint("what in ('answers', 'evidence', 'file', 'scorecard', 'copy')", name="what_known"),
        sa.Index(None, "tenant_id", "submission_id", "id"),
        reads=both_parties("reader_id"),
        inserts=SEEN,
    )
