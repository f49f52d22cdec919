"""Disclosure requests, submissions with their history, and the grants that show a sealed submission to others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.tables import ME, OWN, Update, both_parties, digest, moment, own_or, tenant_table, text, unforced, uuid

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EMPTY_DOCUMENT = '{"company": {}, "product": {}, "deployment": {}}'
DRAFT = "sealed_at is null"
# The submission's row belongs to the vendor, yet issuing makes it: the issuer may put in nothing but the empty
# document. That the request is the issuer's and the row its respondent's is shown by the foreign key.
ISSUED = f"issuer_id = {ME} and {DRAFT} and version = 0 and answers = '{EMPTY_DOCUMENT}'::jsonb"
SHOWN = f"""sealed_at is not null and (issuer_id = {ME} or exists (
    select from access_grant a
    where a.tenant_id = submission.tenant_id and a.submission_id = submission.id and a.grantee_id = {ME}
      and a.revoked_at is null and (a.expires_at is null or a.expires_at > now())))"""

# Locks the submission against sealing until this transaction ends, so nothing slips in beside the seal.
REQUIRE_DRAFT = """
create function require_draft() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    tenant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
    wanted uuid := case tg_op when 'DELETE' then old.submission_id else new.submission_id end;
begin
    perform from submission s where s.tenant_id = tenant and s.id = wanted and s.sealed_at is null for share;
    if not found then
        raise exception 'the submission is not an open draft' using errcode = 'check_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$
"""


def upgrade() -> None:
    tenant_table(
        "disclosure_request",
        uuid("respondent_id"),
        uuid("submission_id"),
        text("questionnaire_id"),
        text("questionnaire_digest"),
        text("criteria_id", nullable=True),
        text("criteria_digest"),
        text("context_digest"),
        moment("issued_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        text("note"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["respondent_id"], ["organisation.id"]),
        sa.UniqueConstraint("tenant_id", "id", "respondent_id"),
        sa.CheckConstraint("respondent_id <> tenant_id", name="not_to_oneself"),
        digest("questionnaire_digest"),
        digest("criteria_digest"),
        digest("context_digest"),
        sa.Index(None, "respondent_id", "id"),
        reads=both_parties("respondent_id"),
        updates=Update(columns=["due_on", "note"]),
    )
    tenant_table(
        "access_grant",
        uuid("submission_id"),
        uuid("grantee_id"),
        text("purpose"),
        moment("granted_at"),
        moment("expires_at", nullable=True),
        moment("revoked_at", nullable=True),
        sa.ForeignKeyConstraint(["grantee_id"], ["organisation.id"]),
        sa.CheckConstraint("grantee_id <> tenant_id", name="not_to_oneself"),
        sa.Index(None, "grantee_id", "id"),
        sa.Index(None, "tenant_id", "submission_id", "grantee_id"),
        reads=both_parties("grantee_id"),
        updates=Update(columns=["revoked_at"], using=f"{OWN} and revoked_at is null"),
    )
    tenant_table(
        "submission",
        uuid("issuer_id"),
        uuid("request_id"),
        sa.Column("answers", JSONB(), nullable=False, server_default=sa.text(f"'{EMPTY_DOCUMENT}'::jsonb")),
        sa.Column("version", sa.Integer(), nullable=False),
        moment("saved_at"),
        moment("sealed_at", nullable=True),
        sa.Column("sealed", JSONB(), nullable=True),
        sa.Column("leaves", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issuer_id", "request_id", "tenant_id"],
            ["disclosure_request.tenant_id", "disclosure_request.id", "disclosure_request.respondent_id"],
        ),
        sa.UniqueConstraint("tenant_id", "issuer_id", "request_id"),
        sa.UniqueConstraint("tenant_id", "id", "issuer_id"),
        sa.CheckConstraint("version >= 0", name="version_counts_up"),
        sa.CheckConstraint("num_nulls(sealed_at, sealed, leaves) in (0, 3)", name="sealed_whole"),
        sa.Index(None, "issuer_id", "id"),
        reads=own_or(SHOWN),
        inserts=f"{DRAFT} and ({OWN} or ({ISSUED}))",
        updates=Update(
            columns=["answers", "version", "saved_at", "sealed_at", "sealed", "leaves"], using=f"{OWN} and {DRAFT}"
        ),
    )
    with unforced("access_grant", "submission"):
        op.create_foreign_key(
            None, "access_grant", "submission", ["tenant_id", "submission_id"], ["tenant_id", "id"]
        )
    op.execute(REQUIRE_DRAFT)
    tenant_table(
        "submission_revision",
        uuid("submission_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("delta", JSONB(), nullable=False),
        moment("saved_at"),
        uuid("client_id"),
        text("person", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        sa.UniqueConstraint("tenant_id", "submission_id", "version"),
    )
    op.execute(
        "create trigger require_draft before insert on submission_revision for each row execute function require_draft()"
    )
