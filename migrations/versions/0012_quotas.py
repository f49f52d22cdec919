"""What each organisation keeps and may keep; and the indexes by which a job finds its turn in the queue."""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP
from migrations.tables import OWN, Update, digest, tenant_table, text, unforced

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    tenant_table(
        "stored_file",
        text("digest"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        digest("digest"),
        key=("tenant_id", "digest"),
        updates=Update(columns=["permanent"]),
        deletes=OWN,
    )
    tenant_table(
        "usage",
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("open_requests", sa.BigInteger(), nullable=False),
        sa.Column("allowed_bytes", sa.BigInteger(), nullable=True),
        sa.Column("allowed_requests", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("least(allowed_bytes, allowed_requests) >= 0", name="allowed_counts"),
        key=("tenant_id",),
        updates=Update(columns=["stored_bytes", "open_requests", "allowed_bytes", "allowed_requests"]),
    )
    op.add_column("disclosure_request", sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(f"grant update (is_open) on disclosure_request to {APP}")
    _count_what_is_there()
    op.execute("create index ix_jobs_round_of_tenant on procrastinate_jobs ((args ->> 'tenant'), priority)")
    op.execute("create index ix_jobs_round_reached on procrastinate_jobs (priority) where status <> 'todo'")


def _count_what_is_there() -> None:
    with unforced("evidence", "attestation", "disclosure_request", "submission", "stored_file", "usage"):
        op.execute(
            """insert into stored_file (tenant_id, digest, size, permanent)
            select tenant_id, digest, max(size), bool_or(permanent) from (
                select tenant_id, file_digest as digest, size, false as permanent from evidence
                union all select tenant_id, pdf_digest, pdf_size, true from attestation where pdf_digest is not null
            ) f group by 1, 2"""
        )
        op.execute(
            """update disclosure_request r set is_open = false from submission s
            where s.tenant_id = r.respondent_id and s.id = r.submission_id and s.sealed_at is not null"""
        )
        op.execute(
            """insert into usage (tenant_id, stored_bytes, open_requests)
            select o.id, coalesce((select sum(f.size) from stored_file f where f.tenant_id = o.id), 0),
                (select count(*) from disclosure_request r where r.tenant_id = o.id and r.is_open)
            from organisation o"""
        )
