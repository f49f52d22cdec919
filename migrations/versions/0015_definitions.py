"""A tenant's own questionnaires: drafts, published revisions, translations; and carried answers that wait for a word."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.db.roles import APP
from migrations.tables import ME, OWN, Update, digest, moment, own_or, tenant_table, text, uuid

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Whoever was asked with a questionnaire reads it, and whoever was shown the whole answer to it.
ASKED = f"""exists (select from disclosure_request r
    where r.tenant_id = published_questionnaire.tenant_id and r.respondent_id = {ME}
      and r.questionnaire_digest = published_questionnaire.digest)"""
GRANTED = f"""exists (select from access_grant a join submission s on s.tenant_id = a.tenant_id and s.id = a.submission_id
    where a.grantee_id = {ME} and a.level = 'all' and a.revoked_at is null
      and (a.expires_at is null or a.expires_at > now())
      and s.issuer_id = published_questionnaire.tenant_id
      and s.sealed ->> 'questionnaire' = published_questionnaire.digest)"""
TRANSLATED = """exists (select from published_questionnaire p
    where p.tenant_id = questionnaire_translation.tenant_id and p.digest = questionnaire_translation.digest)"""
NOTHING = "to_confirm = '{}'::jsonb"
EMPTY_DOCUMENT = '{"company": {}, "product": {}, "deployment": {}}'
ISSUED = f"issuer_id = {ME} and sealed_at is null and version = 0 and answers = '{EMPTY_DOCUMENT}'::jsonb and {NOTHING}"


def upgrade() -> None:
    tenant_table(
        "questionnaire_draft",
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
        "published_questionnaire",
        text("digest"),
        uuid("id"),
        text("questionnaire_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        text("title"),
        text("definition"),
        moment("published_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "questionnaire_id", "revision"),
        sa.CheckConstraint("questionnaire_id ~ '^own-'", name="own_id"),
        sa.CheckConstraint("revision > 0", name="revision_counts_up"),
        digest("digest"),
        sa.Index(None, "digest"),
        key=("tenant_id", "digest"),
        reads=own_or(f"{ASKED} or {GRANTED}"),
    )
    tenant_table(
        "questionnaire_translation",
        text("digest"),
        text("language"),
        text("texts"),
        moment("saved_at"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "digest"], ["published_questionnaire.tenant_id", "published_questionnaire.digest"]
        ),
        key=("tenant_id", "digest", "language"),
        reads=own_or(TRANSLATED),
        updates=Update(columns=["texts", "saved_at"]),
        deletes=OWN,
    )
    _mark_carried_answers()


def _mark_carried_answers() -> None:
    op.add_column(
        "submission", sa.Column("to_confirm", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.create_check_constraint("sealed_confirmed", "submission", f"sealed_at is null or {NOTHING}")
    op.execute(f"grant update (to_confirm) on submission to {APP}")
    op.execute(f"alter policy submission_insert on submission with check (sealed_at is null and ({OWN} or ({ISSUED})))")
