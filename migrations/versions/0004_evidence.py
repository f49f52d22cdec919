"""Evidence of a submission, what it is about, and the grades that others give it."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import OWN, digest, moment, own_or, tenant_table, text, uuid

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def seen(tenant: str, submission: str, table: str) -> str:
    """The submission's own policies decide who sees it."""
    return f"exists (select from submission s where s.tenant_id = {table}.{tenant} and s.id = {table}.{submission})"


def upgrade() -> None:
    tenant_table(
        "evidence",
        uuid("submission_id"),
        text("file_digest"),
        text("file_name"),
        text("media_type"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        text("public_url", nullable=True),
        moment("attached_at"),
        sa.ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        sa.UniqueConstraint("tenant_id", "submission_id", "id"),
        sa.CheckConstraint("size >= 0", name="size_counts"),
        digest("file_digest"),
        reads=own_or(seen("tenant_id", "submission_id", "evidence")),
        deletes=OWN,
    )
    tenant_table(
        "evidence_about",
        uuid("submission_id"),
        uuid("evidence_id"),
        text("question"),
        text("row_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "submission_id", "evidence_id"],
            ["evidence.tenant_id", "evidence.submission_id", "evidence.id"],
        ),
        sa.UniqueConstraint("tenant_id", "submission_id", "evidence_id", "question", "row_id"),
        key=("tenant_id", "evidence_id", "question", "row_id"),
        reads=own_or(seen("tenant_id", "submission_id", "evidence_about")),
        deletes=OWN,
    )
    for table in ("evidence", "evidence_about"):
        op.execute(
            f"create trigger require_draft before insert or delete on {table} "
            "for each row execute function require_draft()"
        )
    tenant_table(
        "grading",
        uuid("submission_tenant_id"),
        uuid("submission_id"),
        uuid("evidence_id"),
        text("question"),
        text("row_id"),
        text("grade"),
        sa.Column("dated", sa.Date(), nullable=True),
        text("note"),
        moment("graded_at"),
        text("person", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(
            ["submission_tenant_id", "submission_id", "evidence_id", "question", "row_id"],
            [
                "evidence_about.tenant_id",
                "evidence_about.submission_id",
                "evidence_about.evidence_id",
                "evidence_about.question",
                "evidence_about.row_id",
            ],
        ),
        sa.CheckConstraint("grade in ('V0', 'V1', 'V2', 'V3', 'V4')", name="grade_known"),
        sa.CheckConstraint("tenant_id <> submission_tenant_id", name="not_by_the_vendor"),
        sa.Index(None, "submission_tenant_id", "submission_id"),
        reads=own_or(seen("submission_tenant_id", "submission_id", "grading")),
        inserts=f"{OWN} and {seen('submission_tenant_id', 'submission_id', 'grading')}",
    )
