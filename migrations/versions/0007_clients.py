"""Clients with a public key, an end, and a credential that is being replaced; assertions used and tokens revoked."""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP, SYSTEM
from migrations.tables import OWN, lookup_function, moment, tenant_table, text, uuid

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHANGED = ("secret_digest", "public_key", "old_secret_digest", "old_public_key", "old_until", "last_used_at")
CHECKS = {
    "one_credential": "num_nonnulls(secret_digest, public_key) = 1",
    "old_credential_ends": "num_nonnulls(old_secret_digest, old_public_key) = num_nonnulls(old_until)",
    "old_secret_digest_form": "old_secret_digest ~ '^[0-9a-f]{64}$'",
    "ends_after_its_start": "expires_at > created_at",
}
READ = (
    "tenant_id", "id", "scopes", "revoked_at", "expires_at", "secret_digest", "public_key", "old_secret_digest",
    "old_public_key", "old_until", "last_used_at",
)  # fmt: skip
RETURNS = """tenant_id uuid, id uuid, scopes text[], revoked_at timestamptz, expires_at timestamptz,
    secret_digest text, public_key text, old_secret_digest text, old_public_key text, old_until timestamptz,
    last_used_at timestamptz, roles text[], token_revoked boolean"""


def upgrade() -> None:
    for column in (
        text("public_key", nullable=True), text("old_secret_digest", nullable=True),
        text("old_public_key", nullable=True), moment("old_until", nullable=True), moment("expires_at", nullable=True),
        moment("last_used_at", nullable=True), uuid("created_by", nullable=True),
    ):  # fmt: skip
        op.add_column("oauth_client", column)
    op.alter_column("oauth_client", "secret_digest", nullable=True)
    for name, condition in CHECKS.items():
        op.create_check_constraint(name, "oauth_client", condition)
    op.execute(f"grant update ({', '.join(CHANGED)}) on oauth_client to {APP}")
    # What is revoked stays revoked: such a row can no longer be changed by anybody who serves.
    op.execute(f"alter policy oauth_client_update on oauth_client using ({OWN} and revoked_at is null)")
    for table in ("used_assertion", "revoked_token"):
        tenant_table(
            table,
            text("digest"),
            moment("expires_at"),
            sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
            sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_form"),
            sa.Index(None, "tenant_id", "expires_at"),
            deletes=OWN,
            key=("tenant_id", "digest"),
        )
    _find_client()


def _find_client() -> None:
    """Let the one look-up of every request tell of the token too. Releases before this one call it without a token."""
    op.execute(f"set local role {SYSTEM}")
    op.execute("drop function find_client(uuid)")
    op.execute("reset role")
    columns = ", ".join(f"c.{column}" for column in READ)
    lookup_function(
        "find_client",
        "client uuid, token text default null",
        RETURNS,
        f"""select {columns}, o.roles, exists (select from public.revoked_token t
                where t.tenant_id = c.tenant_id and t.digest = token)
            from public.oauth_client c join public.organisation o on o.id = c.tenant_id where c.id = client""",
        {"oauth_client": READ, "revoked_token": ["tenant_id", "digest"]},
    )
