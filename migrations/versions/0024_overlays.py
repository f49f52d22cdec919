"""Tenants' own criteria: drafts of overlays, published ones, and the kept assessments that name one."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import OWN, Update, digest, moment, tenant_table, text, unforced, uuid

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FORM = "overlay_digest ~ '^sha256:[0-9a-f]{64}$'"


def upgrade() -> None:
    tenant_table(
        "overlay_draft",
        text("title"),
        text("media_type"),
        text("source"),
        sa.Column("version", sa.Integer(), nullable=False),
        moment("created_at"),
        moment("saved_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("media_type in ('application/json', 'application/yaml')", name="media_type_known"),
        sa.CheckConstraint("version > 0", name="version_counts_up"),
        updates=Update(columns=["title", "media_type", "source", "version", "saved_at"]),
        deletes=OWN,
    )
    tenant_table(
        "published_overlay",
        text("digest"),
        uuid("id"),
        text("overlay_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        text("title"),
        text("base_digest"),
        text("criteria_digest"),
        text("definition"),
        moment("published_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "overlay_id", "revision"),
        sa.CheckConstraint("overlay_id ~ '^own-'", name="own_id"),
        sa.CheckConstraint("revision > 0", name="revision_counts_up"),
        *(digest(column) for column in ("digest", "base_digest", "criteria_digest")),
        key=("tenant_id", "digest"),
    )
    for table in ("rescoring", "assessment"):
        op.add_column(table, text("overlay_digest", nullable=True))
        op.create_check_constraint("overlay_digest_form", table, FORM)
        with unforced(table, "published_overlay"):  # the key is checked against every tenant's rows
            op.create_foreign_key(
                None, table, "published_overlay", ["tenant_id", "overlay_digest"], ["tenant_id", "digest"]
            )
