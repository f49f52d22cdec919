"""Revocations of attestations, and the places of status lists: random, of no tenant, so that an index tells nothing."""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP
from migrations.tables import ME, OWN, moment, tenant_table, text, uuid

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# The policies of attestation hold inside this subquery too.
PARTY = f"""exists (select from attestation a where a.id = attestation_revocation.attestation_id
    and ((a.tenant_id = {ME} and a.respondent_id = attestation_revocation.other_id)
      or (a.respondent_id = {ME} and a.tenant_id = attestation_revocation.other_id)))"""

# Whoever was granted an attestation learns that it is revoked.
GRANTED = f"""exists (select from access_grant g where g.tenant_id in (attestation_revocation.tenant_id,
    attestation_revocation.other_id) and g.grantee_id = {ME}
    and g.attestation_id = attestation_revocation.attestation_id)"""


def upgrade() -> None:
    op.create_table(
        "status_place",
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
        sa.CheckConstraint("status between 0 and 3", name="status_known"),
        sa.CheckConstraint("index between 0 and 131071", name="index_in_list"),
    )
    op.execute(f"grant select, insert, update (status) on status_place to {APP}")
    tenant_table(
        "attestation_revocation",
        uuid("attestation_id"),
        uuid("other_id"),
        text("reason"),
        moment("revoked_at"),
        sa.CheckConstraint(
            "reason in ('declaration_withdrawn', 'declaration_false', 'issued_in_error', 'key_compromised')",
            name="reason_known",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["organisation.id"]),
        sa.Index(None, "other_id", "attestation_id"),
        reads=f"coalesce({ME} in (tenant_id, other_id) or {GRANTED}, false)",
        inserts=f"{OWN} and {PARTY}",
        key=("tenant_id", "attestation_id"),
    )
