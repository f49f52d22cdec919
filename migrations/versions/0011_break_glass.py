"""Break-glass accesses: an operator reads one named sealed submission, after a second person's yes, for hours at most.

The row belongs to whose content it opens. It is put in in the owner's name, as only the owner sees whether a submission
is sealed; the operator approves or ends it, the owner ends it, and nobody changes anything else of it.
"""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP, SYSTEM
from migrations.tables import ME, OWN, Update, both_parties, moment, own_or, tenant_table, text, unforced, uuid

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ASKED = f"{OWN} and requested_person is not null and approved_at is null and ended_at is null"
PARTY = f"coalesce({ME} in (tenant_id, operator_id), false)"
LIVE = """b.approved_at is not null and b.ended_at is null
    and b.approved_at + make_interval(mins => b.minutes) > now()"""
GRANTED = f"""exists (select from access_grant a where a.tenant_id = submission.tenant_id
    and a.submission_id = submission.id and a.grantee_id = {ME} and a.level = 'all')"""


def opened(table: str, submission: str, piece: str) -> str:
    """The caller's access to a submission, or to one piece of its evidence, is open."""
    return f"""exists (select from break_glass_access b where b.tenant_id = {table}.tenant_id
        and b.submission_id = {table}.{submission} and b.operator_id = {ME} and {piece} and {LIVE})"""


def seen(table: str) -> str:
    """The submission's own policies decide who sees it."""
    return f"exists (select from submission s where s.tenant_id = {table}.tenant_id and s.id = {table}.submission_id)"


# Only what is sealed is opened. The clock is the database's; an approval is given once, by the operator alone, within a
# day. (Not a policy: one that looks at the submission, whose policy looks at this table, would be a circle.)
# The system role erases persons of what is over; the function that runs as it checks that itself.
GUARD = f"""
create function guard_break_glass() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        perform from submission s
            where s.tenant_id = new.tenant_id and s.id = new.submission_id and s.sealed_at is not null;
        if not found then
            raise exception 'the submission is not sealed' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if current_user = '{SYSTEM}' then
        return new;
    end if;
    if (old.approved_at, old.approved_by, old.approved_person) is distinct from
       (new.approved_at, new.approved_by, new.approved_person) then
        if old.approved_at is not null or old.requested_at < now() - interval '1 day' or old.operator_id
            is distinct from nullif(current_setting('app.tenant', true), '')::uuid
            or new.approved_person is null then
            raise exception 'the access cannot be approved' using errcode = 'check_violation';
        end if;
        new.approved_at := now();
    end if;
    if new.ended_at is not null then
        new.ended_at := now();
        new.ended_by := nullif(current_setting('app.tenant', true), '')::uuid;
    end if;
    return new;
end $$
"""


def upgrade() -> None:
    tenant_table(
        "break_glass_access",
        uuid("operator_id"),
        uuid("submission_id"),
        uuid("evidence_id", nullable=True),
        text("reason"),
        sa.Column("minutes", sa.Integer(), nullable=False),
        moment("requested_at"),
        uuid("requested_by"),
        text("requested_person", nullable=True),
        moment("approved_at", nullable=True),
        uuid("approved_by", nullable=True),
        text("approved_person", nullable=True),
        moment("ended_at", nullable=True),
        uuid("ended_by", nullable=True),
        sa.ForeignKeyConstraint(["operator_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "submission_id"], ["submission.tenant_id", "submission.id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "submission_id", "evidence_id"],
            ["evidence.tenant_id", "evidence.submission_id", "evidence.id"],
        ),
        sa.CheckConstraint("operator_id <> tenant_id", name="not_by_the_owner"),
        sa.CheckConstraint("minutes between 1 and 240", name="four_hours_at_most"),
        sa.CheckConstraint("length(reason) between 20 and 2000", name="reason_given"),
        sa.CheckConstraint(
            "num_nulls(approved_at, approved_by) = 0 or num_nulls(approved_at, approved_by, approved_person) = 3",
            name="approved_whole",
        ),
        sa.CheckConstraint(
            "approved_by <> requested_by and lower(approved_person) <> lower(requested_person)", name="two_persons"
        ),
        sa.Index(None, "operator_id", "id"),
        sa.Index(None, "tenant_id", "submission_id"),
        reads=both_parties("operator_id"),
        inserts=ASKED,
        updates=Update(
            columns=["approved_at", "approved_by", "approved_person", "ended_at", "ended_by"],
            using=f"{PARTY} and ended_at is null",
            check=PARTY,
        ),
    )
    op.execute(GUARD)
    op.execute(
        "create trigger guard_break_glass before insert or update on break_glass_access "
        "for each row execute function guard_break_glass()"
    )
    op.add_column("access_record", uuid("break_glass_id", nullable=True))
    with unforced("access_record", "break_glass_access"):
        op.create_foreign_key(
            None, "access_record", "break_glass_access", ["tenant_id", "break_glass_id"], ["tenant_id", "id"]
        )
    op.create_index(None, "access_record", ["tenant_id", "break_glass_id"])
    _show_what_is_opened()


def _show_what_is_opened() -> None:
    """Add what is opened to what the policies show; and as grading asks for more than to see, let it say so."""
    whole = opened("submission", "id", "b.evidence_id is null")
    shown = f"sealed_at is not null and (issuer_id = {ME} or {GRANTED} or {whole})"
    op.execute(f"alter policy submission_select on submission using ({own_or(shown)})")
    for table, id_ in (("evidence", "id"), ("evidence_about", "evidence_id")):
        piece = opened(table, "submission_id", f"b.evidence_id = {table}.{id_}")
        op.execute(f"alter policy {table}_select on {table} using ({own_or(f'{seen(table)} or {piece}')})")
    part = f"({ME} in (s.tenant_id, s.issuer_id) or {GRANTED.replace('submission.', 's.')})"
    graded = f"""exists (select from submission s where s.tenant_id = grading.submission_tenant_id
        and s.id = grading.submission_id and {part})"""
    op.execute(f"alter policy grading_insert on grading with check ({OWN} and {graded})")
    grant = f"""exists (select from access_grant a where a.tenant_id = access_record.tenant_id
        and a.submission_id = access_record.submission_id and a.grantee_id = {ME})"""
    own = f"""exists (select from break_glass_access b where b.tenant_id = access_record.tenant_id
        and b.id = access_record.break_glass_id and b.submission_id = access_record.submission_id
        and b.operator_id = {ME} and {LIVE})"""
    op.execute(
        f"alter policy access_record_insert on access_record to {APP} with check (reader_id = {ME} and "
        f"(case when break_glass_id is null then {seen('access_record')} or {grant} else {own} end))"
    )
