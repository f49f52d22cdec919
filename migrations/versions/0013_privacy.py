"""Privacy: erasable persons beside the audit chain, retention settings, exports, erasures, and what each may change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from api.db.roles import APP, SYSTEM
from migrations.tables import (
    OWN,
    Update,
    both_parties,
    digest,
    hand_to_system,
    moment,
    tenant_table,
    text,
    unforced,
    uuid,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEUTRAL = "erased"
PARTY = both_parties("operator_id")
COMMITMENT = "'sha256:' || encode(sha256(convert_to({salt} || E'\\n' || {person}, 'UTF8')), 'hex')"

# As before, and: a person beside the chain is the one that the entry's text commits to, and none is left out.
LINK = f"""
create or replace function link_audit_entry() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    last record;
    entry jsonb := new.payload::jsonb;
    committed text := entry #>> '{{actor,person}}';
begin
    if entry ->> 'version' is null then
        committed := null;  -- written by a release before this one: the person stands in the text
    end if;
    if committed is distinct from {COMMITMENT.format(salt="new.salt", person="new.person")} then
        raise exception 'the entry does not commit to its person' using errcode = 'check_violation';
    end if;
    perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text, 6));
    select a.seq, a.digest into last from audit_entry a where a.tenant_id = new.tenant_id order by a.seq desc limit 1;
    new.seq := coalesce(last.seq, 0) + 1;
    new.erased_by := null;
    new.digest := 'sha256:' || encode(sha256(convert_to(
        coalesce(last.digest, '') || E'\\n' || new.seq || E'\\n' || new.payload, 'UTF8')), 'hex');
    return new;
end $$
"""

# The only way to change an entry. Version 2: the person and the salt beside the text go, the text stays. Version 1: the
# person in the text goes, and with it the request's id, which is random and keeps the old digest from being guessed at.
# All point at the next entry, which the caller must write with the cover returned here, or the chain no longer verifies.
ERASE = """
create function erase_audit_persons(wanted text, most integer) returns table (entries bigint, cover text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    next bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended(me::text, 6));
    select coalesce(max(a.seq), 0) + 1 into next from audit_entry a where a.tenant_id = me;
    return query
    with named as (
        select a.seq, coalesce(a.person,
            case when a.payload::jsonb ->> 'version' is null then a.payload::jsonb #>> '{actor,person}' end) as name
        from audit_entry a where a.tenant_id = me and a.erased_by is null
    ), chosen as (
        select n.seq from named n where n.name is not null and (wanted is null or n.name = wanted)
        order by n.seq limit most
    ), erased as (
        update audit_entry a set person = null, salt = null, erased_by = next,
            payload = case when a.person is not null then a.payload else
                jsonb_set(jsonb_set(a.payload::jsonb, '{actor,person}', 'null'), '{request}', 'null')::text end
        from chosen c where a.tenant_id = me and a.seq = c.seq returning a.seq, a.digest, a.payload
    )
    select count(*), 'sha256:' || encode(sha256(convert_to(coalesce(string_agg(
        e.seq || E'\\n' || e.digest || E'\\n' || e.payload || E'\\n', '' order by e.seq), ''), 'UTF8')), 'hex')
    from erased e;
end $$
"""

NAMELESS = "erased with the person it named"
# Of what is over, and by either party, as with access records: until then the names decide who approves and who reads.
ERASE_ACCESSES = f"""
create function erase_break_glass_persons(wanted text) returns table (went bigint, stays bigint)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
    return query
    with named as (
        select b.tenant_id, b.id, b.ended_at is not null or now() >= coalesce(
            b.approved_at + make_interval(mins => b.minutes), b.requested_at + interval '1 day') as is_over
        from break_glass_access b where me in (b.tenant_id, b.operator_id) and case
            when wanted is null then num_nonnulls(b.requested_person, b.approved_person) > 0 or b.reason <> '{NAMELESS}'
            else wanted in (b.requested_person, b.approved_person) or strpos(lower(b.reason), lower(wanted)) > 0 end
    ), erased as (
        update break_glass_access b set
            requested_person = case when wanted is not null then nullif(b.requested_person, wanted) end,
            approved_person = case when wanted is not null then nullif(b.approved_person, wanted) end,
            reason = case when wanted is null or strpos(lower(b.reason), lower(wanted)) > 0
                then '{NAMELESS}' else b.reason end
        from named n where n.is_over and b.tenant_id = n.tenant_id and b.id = n.id returning b.id
    )
    select (select count(*) from erased), (select count(*) from named n where not n.is_over);
end $$
"""


def upgrade() -> None:
    _audit()
    _break_glass()
    _erasable_columns()
    tenant_table(
        "retention_setting",
        *(sa.Column(kind, sa.Integer(), nullable=True) for kind in ("drafts", "access_records", "evidence", "exports")),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        key=("tenant_id",),
        updates=Update(columns=["drafts", "access_records", "evidence", "exports"]),
    )
    tenant_table(
        "data_export",
        uuid("client_id"),
        moment("asked_at"),
        text("file_digest", nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        moment("done_at", nullable=True),
        moment("expires_at", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("num_nulls(file_digest, file_size, done_at, expires_at) in (0, 4)", name="done_whole"),
        digest("file_digest"),
        updates=Update(
            columns=["file_digest", "file_size", "done_at", "expires_at"], using=f"{OWN} and file_digest is null"
        ),
        deletes=OWN,
    )
    tenant_table(
        "erasure",
        uuid("client_id"),
        moment("asked_at"),
        text("what"),
        text("subject_digest"),
        text("reason"),
        sa.Column("report", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.CheckConstraint("what in ('person', 'organisation')", name="what_known"),
        digest("subject_digest"),
    )


def _audit() -> None:
    op.add_column("audit_entry", text("person", nullable=True))
    op.add_column("audit_entry", text("salt", nullable=True))
    op.add_column("audit_entry", sa.Column("erased_by", sa.BigInteger(), nullable=True))
    with unforced("audit_entry"):
        op.create_check_constraint("salted_person", "audit_entry", "num_nulls(person, salt) in (0, 2)")
    op.execute(LINK)
    op.execute(ERASE)
    hand_to_system("erase_audit_persons")
    op.execute(f"grant select on audit_entry to {SYSTEM}")
    op.execute(f"grant update (payload, person, salt, erased_by) on audit_entry to {SYSTEM}")
    op.execute(f"create policy audit_entry_system_select on audit_entry for select to {SYSTEM} using ({OWN})")
    op.execute(
        f"create policy audit_entry_system_update on audit_entry for update to {SYSTEM} using ({OWN}) with check ({OWN})"
    )


def _break_glass() -> None:
    op.execute(ERASE_ACCESSES)
    hand_to_system("erase_break_glass_persons")
    op.execute(f"grant select on break_glass_access to {SYSTEM}")
    op.execute(f"grant update (requested_person, approved_person, reason) on break_glass_access to {SYSTEM}")
    for command, check in (("select", ""), ("update", f" with check ({PARTY})")):
        rule = f"for {command} to {SYSTEM} using ({PARTY}){check}"
        op.execute(f"create policy break_glass_access_system_{command} on break_glass_access {rule}")


def _erasable_columns() -> None:
    """Let the serving role take persons away, and put in nothing else; let it drop what is only a draft's."""
    _allow_update("submission_revision", "person", OWN, f"{OWN} and person is null")
    _allow_update("grading", "person", OWN, f"{OWN} and person is null")
    _allow_update("directory_act", "person", OWN, f"{OWN} and person is null")
    both = both_parties("reader_id")
    _allow_update("access_record", "person", both, f"{both} and person is null")
    op.add_column("evidence", moment("file_erased_at", nullable=True))
    gone = f"{OWN} and (file_name = '{NEUTRAL}' or file_erased_at is not null)"
    _allow_update("evidence", "file_name, file_erased_at", OWN, gone)
    draft = """exists (select from submission s where s.tenant_id = submission_revision.tenant_id
        and s.id = submission_revision.submission_id and s.sealed_at is null)"""
    for table, rule in (("submission_revision", f"{OWN} and {draft}"), ("access_record", OWN)):
        op.execute(f"create policy {table}_delete on {table} for delete to {APP} using ({rule})")
        op.execute(f"grant delete on {table} to {APP}")


def _allow_update(table: str, columns: str, using: str, check: str) -> None:
    op.execute(f"create policy {table}_update on {table} for update to {APP} using ({using}) with check ({check})")
    op.execute(f"grant update ({columns}) on {table} to {APP}")
