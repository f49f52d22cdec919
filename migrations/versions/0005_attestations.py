"""Attestations: what was stated is written once; the rendered PDF is added once."""

import sqlalchemy as sa

from migrations.tables import OWN, Update, both_parties, moment, tenant_table, text, uuid

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Only a sealed submission is visible to its issuer, so what the issuer sees here is sealed.
SEALED = """exists (select from submission s where s.tenant_id = attestation.respondent_id
    and s.id = attestation.submission_id and s.sealed_at is not null)"""


def upgrade() -> None:
    tenant_table(
        "attestation",
        uuid("respondent_id"),
        uuid("submission_id"),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        moment("issued_at"),
        text("pdf_digest", nullable=True),
        sa.Column("pdf_size", sa.BigInteger(), nullable=True),
        moment("sealed_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        sa.CheckConstraint("pdf_digest ~ '^sha256:[0-9a-f]{64}$'", name="pdf_digest_form"),
        sa.CheckConstraint("num_nulls(pdf_digest, pdf_size, sealed_at) in (0, 3)", name="sealed_whole"),
        sa.Index(None, "respondent_id", "id"),
        reads=both_parties("respondent_id"),
        inserts=f"{OWN} and {SEALED}",
        updates=Update(columns=["pdf_digest", "pdf_size", "sealed_at"], using=f"{OWN} and pdf_digest is null"),
    )
