"""Organisations (a directory without tenant) and the clients that act for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from api.db.roles import APP
from migrations.tables import Update, lookup_function, moment, tenant_table, text, uuid

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        uuid("id"),
        text("name"),
        text("country", nullable=True),
        sa.Column("roles", ARRAY(sa.Text()), nullable=False),
        moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("name <> ''", name="name_given"),
        sa.CheckConstraint("roles <@ array['investor', 'vendor', 'auditor', 'operator']", name="roles_known"),
    )
    op.execute(f"grant select, insert on organisation to {APP}")
    tenant_table(
        "oauth_client",
        text("name"),
        text("secret_digest"),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        moment("created_at"),
        moment("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("secret_digest ~ '^[0-9a-f]{64}$'", name="secret_digest_form"),
        sa.Index(None, "id"),
        updates=Update(columns=["name", "revoked_at"]),
    )
    lookup_function(
        "find_client",
        "client uuid",
        "tenant_id uuid, id uuid, secret_digest text, scopes text[], revoked_at timestamptz, roles text[]",
        """select c.tenant_id, c.id, c.secret_digest, c.scopes, c.revoked_at, o.roles
           from public.oauth_client c join public.organisation o on o.id = c.tenant_id where c.id = client""",
        {
            "oauth_client": ["tenant_id", "id", "secret_digest", "scopes", "revoked_at"],
            "organisation": ["id", "roles"],
        },
    )
