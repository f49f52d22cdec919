"""Countersignatures and assurance statements: signed acts of the vendor and of auditors about an attestation.

A row is its maker's. Both parties of the attestation read it, and whoever the attestation was granted to; it is never
changed, but for the person, who can be erased. A withdrawal is a row of its own. `seq` keeps the order of the acts.
"""

import sqlalchemy as sa
from alembic import op

from migrations.tables import ME, OWN, Update, digest, moment, tenant_table, text, uuid

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PARTS = "'answers', 'evidence', 'file', 'scorecard', 'copy'"
OF_ATTESTATIONS = "'pdf', 'bundle', 'countersignatures'"
SHOWN = "shown_published(respondent_id, submission_id, attestation_id)"
READS = f"coalesce({ME} in (tenant_id, attestation_tenant_id, respondent_id) or {SHOWN}, false)"
# Who may do what is said here too: the vendor declares, somebody else assures while the attestation is granted to them.
INSERTS = f"""{OWN} and person is not null and (case kind
    when 'declaration' then tenant_id = respondent_id
    when 'assurance' then tenant_id not in (attestation_tenant_id, respondent_id) and {SHOWN}
    else true end)"""


def upgrade() -> None:
    tenant_table(
        "countersignature",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        uuid("attestation_tenant_id"),
        uuid("attestation_id"),
        uuid("respondent_id"),
        uuid("submission_id"),
        text("kind"),
        uuid("withdraws", nullable=True),
        text("content_digest"),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        text("person", nullable=True),
        moment("made_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(
            ["attestation_tenant_id", "attestation_id", "respondent_id", "submission_id"],
            ["attestation.tenant_id", "attestation.id", "attestation.respondent_id", "attestation.submission_id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "withdraws", "attestation_id"],
            ["countersignature.tenant_id", "countersignature.id", "countersignature.attestation_id"],
        ),
        sa.UniqueConstraint("tenant_id", "id", "attestation_id"),
        sa.UniqueConstraint("tenant_id", "withdraws"),
        sa.CheckConstraint("kind in ('declaration', 'assurance', 'withdrawal')", name="kind_known"),
        sa.CheckConstraint("(kind = 'withdrawal') = (withdraws is not null)", name="withdraws_one"),
        digest("content_digest"),
        sa.Index(None, "attestation_tenant_id", "attestation_id", "seq"),
        sa.Index(None, "respondent_id", "attestation_id"),
        reads=READS,
        inserts=INSERTS,
        updates=Update(columns=["person"], using=OWN, check=f"{OWN} and person is null"),
    )
    for name in ("what_known", "of_an_attestation"):
        op.drop_constraint(op.f(f"ck_access_record_{name}"), "access_record")
    op.create_check_constraint("what_known", "access_record", f"what in ({PARTS}, {OF_ATTESTATIONS})")
    op.create_check_constraint(
        "of_an_attestation", "access_record", f"(what in ({OF_ATTESTATIONS})) = (attestation_id is not null)"
    )
