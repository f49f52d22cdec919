"""Suspensions of attestations, the place of each in the status list, and what anybody may ask of one by its id.

A suspension is the investor's row, like the attestation; whoever reads the attestation reads why it is suspended. The
status list tells everybody else that it is, and no more.
"""

import sqlalchemy as sa
from alembic import op

from migrations.tables import ME, OWN, Update, lookup_function, moment, tenant_table, text, unforced, uuid

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ATTESTATION = ["tenant_id", "id", "respondent_id", "submission_id"]
PLACE = "(convert_from(statement, 'UTF8')::jsonb #>> '{predicate,status,index}')::integer"


def upgrade() -> None:
    op.add_column("attestation", sa.Column("status_index", sa.Integer(), nullable=True))
    with unforced("attestation"):
        op.execute(f"update attestation set status_index = {PLACE} where substring(statement for 1) = '{{'")
        op.create_index(None, "attestation", ["id"])
    tenant_table(
        "attestation_suspension",
        uuid("attestation_id"),
        uuid("respondent_id"),
        uuid("submission_id"),
        text("reason"),
        moment("since"),
        moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id", "attestation_id", "respondent_id", "submission_id"],
                                [f"attestation.{column}" for column in ATTESTATION]),
        sa.CheckConstraint("reason in ('under_review', 'context_changed')", name="reason_known"),
        sa.Index(None, "respondent_id", "attestation_id"),
        reads=f"coalesce({ME} in (tenant_id, respondent_id)"
              " or shown_published(respondent_id, submission_id, attestation_id), false)",
        updates=Update(columns=["ended_at"], using=f"{OWN} and ended_at is null"),
    )
    op.execute(
        "create unique index uq_attestation_suspension_open on attestation_suspension (tenant_id, attestation_id, reason)"
        " where ended_at is null"
    )
    lookup_function(
        "find_public_attestation",
        "wanted uuid",
        "issued_at timestamptz, statement text, status_index integer",
        "select a.issued_at, 'sha256:' || encode(sha256(a.statement), 'hex'), a.status_index"
        " from public.attestation a where a.id = wanted and a.pdf_digest is not null",
        {"attestation": ["id", "issued_at", "statement", "status_index", "pdf_digest"]},
    )
