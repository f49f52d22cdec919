"""The audit log: one chain of entries per tenant, which the serving role may lengthen and read, never change."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import digest, tenant_table, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The link to the entry before is made here, whatever the serving role says, under a lock that lasts until its
# transaction ends: so entries are numbered without a gap in the order in which they are committed.
LINK = """
create function link_audit_entry() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    last record;
begin
    perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text, 6));
    select a.seq, a.digest into last from audit_entry a where a.tenant_id = new.tenant_id order by a.seq desc limit 1;
    new.seq := coalesce(last.seq, 0) + 1;
    new.digest := 'sha256:' || encode(sha256(convert_to(
        coalesce(last.digest, '') || E'\\n' || new.seq || E'\\n' || new.payload, 'UTF8')), 'hex');
    return new;
end $$
"""


def upgrade() -> None:
    tenant_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        text("payload"),
        text("digest"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        digest("digest"),
        key=("tenant_id", "seq"),
    )
    op.execute(LINK)
    op.execute(
        "create trigger link_audit_entry before insert on audit_entry for each row execute function link_audit_entry()"
    )
