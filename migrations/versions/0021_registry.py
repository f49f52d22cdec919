"""The public registry: what each party of an attestation agrees to publish, and the copies that anybody may read.

A consent is its party's own row. A copy is of no tenant, as everybody reads it; it comes to be only where both consents
stand, and loses all that it shows once one is withdrawn: triggers hold that, with the eyes of whoever writes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.db.roles import APP
from migrations.tables import ME, OWN, Update, both_parties, digest, moment, tenant_table, text, uuid

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LEVELS = "level in ('band', 'sections', 'unwithheld', 'all')"
# The policies of attestation hold inside this subquery too.
PARTY = f"""exists (select from attestation a where a.id = publication_consent.attestation_id
    and ((a.tenant_id = {ME} and a.respondent_id = publication_consent.other_id)
      or (a.respondent_id = {ME} and a.tenant_id = publication_consent.other_id)))"""

# Whoever answers a proposal answers exactly that one. (Not a policy: one that looks at its own table would be a circle.)
ANSWER = """
create function guard_publication_consent() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from publication_consent p where p.tenant_id = new.other_id and p.id = new.id and p.other_id = new.tenant_id
        and p.attestation_id = new.attestation_id and p.proposed and p.level = new.level and p.terms = new.terms
        and (new.agreed_at is null or p.withdrawn_at is null);
    if not found then
        raise exception 'an answer is to a proposal of the other party' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""
ENTRY = """
create function guard_registry_entry() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.withdrawn_at is not null or (select count(*) from publication_consent c where c.id = new.id
                and c.attestation_id = new.attestation_id and c.level = new.level and c.tenant_id in (new.issuer_id,
                new.respondent_id) and c.agreed_at is not null and c.withdrawn_at is null) <> 2 then
            raise exception 'both parties agree, or nothing is published' using errcode = 'check_violation';
        end if;
    elsif old.withdrawn_at is not null or new.withdrawn_at is null or new.id <> old.id
        or new.published_at <> old.published_at or not exists (select from publication_consent c
            where c.id = old.id and c.withdrawn_at is not null) then
        raise exception 'an entry changes once, when a party withdraws' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""
SHOWN = (
    "attestation_id", "issuer_id", "respondent_id", "issuer", "respondent", "respondent_key", "statement", "issued_at",
    "valid_until", "status_index", "questionnaire_id", "questionnaire_revision", "questionnaire_title", "level",
    "band_rank", "result", "bundle",
)  # fmt: skip
"""What every published entry has and no withdrawn one."""
PDF = ("pdf", "pdf_digest")
WITHDRAWN = f"num_nonnulls({', '.join((*SHOWN, *PDF))}) = 0"
PUBLISHED = f"num_nulls({', '.join(SHOWN)}) = 0 and num_nulls({', '.join(PDF)}) in (0, 2)"


def upgrade() -> None:
    _consents()
    _entries()


def _consents() -> None:
    tenant_table(
        "publication_consent",
        uuid("attestation_id"),
        uuid("other_id"),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        text("level"),
        sa.Column("terms", JSONB(), nullable=False),
        moment("agreed_at", nullable=True),
        moment("withdrawn_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["organisation.id"]),
        sa.CheckConstraint(LEVELS, name="level_known"),
        sa.CheckConstraint("num_nonnulls(agreed_at, withdrawn_at) > 0", name="says_something"),
        sa.CheckConstraint("agreed_at is not null or not proposed", name="proposal_agrees"),
        sa.CheckConstraint("tenant_id <> other_id", name="two_parties"),
        sa.Index(None, "other_id", "id"),
        sa.Index(None, "tenant_id", "attestation_id"),
        reads=both_parties("other_id"),
        inserts=f"{OWN} and {PARTY}",
        updates=Update(columns=["withdrawn_at"], using=f"{OWN} and withdrawn_at is null"),
    )
    op.execute(ANSWER)
    op.execute(
        "create trigger guard_publication_consent before insert on publication_consent for each row "
        "when (not new.proposed) execute function guard_publication_consent()"
    )


def _entries() -> None:
    op.create_table(
        "registry_entry",
        uuid("id"),
        moment("published_at"),
        moment("withdrawn_at", nullable=True),
        *(uuid(name, nullable=True) for name in ("attestation_id", "issuer_id", "respondent_id")),
        *(text(name, nullable=True) for name in ("issuer", "respondent", "respondent_key", "statement")),
        moment("issued_at", nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("status_index", sa.Integer(), nullable=True),
        *(text(f"questionnaire_{name}", nullable=True) for name in ("id", "revision", "title")),
        text("level", nullable=True),
        sa.Column("band_rank", sa.SmallInteger(), nullable=True),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("bundle", sa.LargeBinary(), nullable=True),
        text("pdf_digest", nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(LEVELS, name="level_known"),
        sa.CheckConstraint("band_rank between 0 and 4", name="band_known"),
        sa.CheckConstraint(f"case when withdrawn_at is null then {PUBLISHED} else {WITHDRAWN} end", name="whole_or_nothing"),
        digest("statement"),
        digest("pdf_digest"),
        sa.Index(None, "respondent_id"),
        sa.Index(None, "issuer_id"),
    )
    op.create_index(
        "uq_registry_entry_attestation", "registry_entry", ["attestation_id"], unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )  # fmt: skip
    op.execute(ENTRY)
    op.execute(
        "create trigger guard_registry_entry before insert or update on registry_entry "
        "for each row execute function guard_registry_entry()"
    )
    columns = ", ".join(("withdrawn_at", *SHOWN, *PDF))
    op.execute(f"grant select, insert, update ({columns}) on registry_entry to {APP}")
