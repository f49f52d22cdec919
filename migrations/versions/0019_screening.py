"""Lists and context snapshots that the operator loads; contexts of one's own; screenings and their candidates.

Lists and snapshots are of no tenant and the serving role only reads them: loading is the owner's. A context of one's
own is shown to whoever sees a request or a sealed submission that names it. A screening belongs to who asked for it;
the vendor sees of it what a person confirmed, and nothing else.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from api.db.roles import APP
from migrations.tables import ME, OWN, Update, digest, moment, own_or, tenant_table, text, uuid

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAMED = f"""exists (select from disclosure_request r where r.tenant_id = own_context.tenant_id
        and r.context_digest = own_context.digest and r.respondent_id = {ME})
    or exists (select from submission s where s.issuer_id = own_context.tenant_id
        and s.sealed ->> 'context' = own_context.digest)"""
# The submission's own policies decide who sees it.
CONCERNED = "exists (select from submission s where s.tenant_id = screening_setting.tenant_id)"
ABOUT = f"""exists (select from submission s where s.tenant_id = screening.subject_id and s.id = screening.submission_id
    and s.sealed_at is not null and {ME} in (s.tenant_id, s.issuer_id))"""
OF_MINE = f"""exists (select from screening s where s.tenant_id = screening_candidate.tenant_id
    and s.id = screening_candidate.screening_id and s.subject_id = screening_candidate.subject_id
    and s.submission_id = screening_candidate.submission_id)"""


def upgrade() -> None:
    _make_shared()
    tenant_table(
        "own_context",
        text("digest"),
        text("based_on"),
        text("name"),
        sa.Column("content", JSONB(), nullable=False),
        moment("made_at"),
        text("person", nullable=True),
        digest("digest"),
        digest("based_on"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.UniqueConstraint("tenant_id", "digest"),
        sa.UniqueConstraint("tenant_id", "name"),
        reads=own_or(NAMED),
        updates=Update(columns=["person"]),
    )
    tenant_table(
        "screening_setting",
        sa.Column("outside", sa.Boolean(), nullable=False),
        moment("chosen_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        reads=own_or(CONCERNED),
        updates=Update(columns=["outside", "chosen_at"]),
        key=("tenant_id",),
    )
    _make_screening()


def _make_shared() -> None:
    op.create_table(
        "context_snapshot",
        text("digest"),
        text("name"),
        sa.Column("content", JSONB(), nullable=False),
        moment("loaded_at"),
        sa.PrimaryKeyConstraint("digest"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "screening_list",
        uuid("id"),
        text("code"),
        text("title"),
        text("publisher"),
        text("licence"),
        sa.Column("dated", sa.Date(), nullable=False),
        text("digest"),
        sa.Column("records", sa.Integer(), nullable=False),
        moment("loaded_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        digest("digest"),
    )
    op.create_table(
        "screening_entry",
        uuid("list_id"),
        text("record"),
        sa.Column("names", ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "record"),
        sa.ForeignKeyConstraint(["list_id"], ["screening_list.id"], ondelete="CASCADE"),
    )
    for table in ("context_snapshot", "screening_list", "screening_entry"):
        op.execute(f"grant select on {table} to {APP}")


def _make_screening() -> None:
    tenant_table(
        "screening",
        uuid("subject_id"),
        uuid("submission_id"),
        sa.Column("outside", sa.Boolean(), nullable=False),
        text("state"),
        text("failure", nullable=True),
        text("matcher", nullable=True),
        sa.Column("lists", JSONB(none_as_null=True), nullable=True),
        sa.Column("names", sa.Integer(), nullable=True),
        moment("asked_at"),
        text("person", nullable=True),
        moment("finished_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["subject_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        sa.UniqueConstraint("tenant_id", "id", "subject_id", "submission_id"),
        sa.CheckConstraint("state in ('waiting', 'done', 'failed')", name="state_known"),
        sa.CheckConstraint("(state = 'failed') = (failure is not null)", name="failure_told"),
        sa.Index(None, "tenant_id", "submission_id", "id"),
        inserts=f"{OWN} and {ABOUT}",
        updates=Update(columns=["state", "failure", "matcher", "lists", "names", "finished_at", "person"]),
    )
    tenant_table(
        "screening_candidate",
        uuid("screening_id"),
        uuid("subject_id"),
        uuid("submission_id"),
        text("question"),
        text("row_id"),
        text("field"),
        text("name"),
        text("list_code"),
        text("list_title"),
        sa.Column("list_dated", sa.Date(), nullable=False),
        text("list_digest", nullable=True),
        text("record"),
        text("matched"),
        sa.Column("score", sa.Integer(), nullable=False),
        text("state", default="open"),
        text("reason", nullable=True),
        moment("decided_at", nullable=True),
        text("decided_by", nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "screening_id", "subject_id", "submission_id"],
            ["screening.tenant_id", "screening.id", "screening.subject_id", "screening.submission_id"],
        ),
        sa.UniqueConstraint(
            "tenant_id", "screening_id", "question", "row_id", "field", "name", "list_code", "record",
            name="uq_screening_candidate_once",
        ),
        sa.CheckConstraint("score between 0 and 10000", name="score_in_range"),
        sa.CheckConstraint("state in ('open', 'confirmed', 'dismissed')", name="state_known"),
        sa.CheckConstraint(
            "(state = 'open') = (reason is null) and (state = 'open') = (decided_at is null)", name="decided_whole"
        ),
        sa.Index(None, "subject_id", "submission_id", "id"),
        reads=own_or(f"subject_id = {ME} and state = 'confirmed'"),
        inserts=f"{OWN} and state = 'open' and {OF_MINE}",
        updates=Update(columns=["state", "reason", "decided_at", "decided_by"]),
    )
    op.execute(GUARD)
    op.execute(
        "create trigger guard_screening_candidate before update on screening_candidate "
        "for each row execute function guard_screening_candidate()"
    )


# A decision is made once and stays; afterwards only the person goes, where it is erased.
GUARD = """
create function guard_screening_candidate() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.state <> 'open' and ((old.state, old.reason, old.decided_at) is distinct from
            (new.state, new.reason, new.decided_at) or new.decided_by is not null) then
        raise exception 'the candidate was decided before' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""
