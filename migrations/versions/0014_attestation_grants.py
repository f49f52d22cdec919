"""Grants of attestations, made by the vendor of whom they speak; and the grants that sealing makes to the issuer."""

from alembic import op

from api.db.roles import APP, SYSTEM
from migrations.tables import ME, OWN, own_or, text, unforced, uuid

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PARTS = "'answers', 'evidence', 'file', 'scorecard', 'copy'"
# What only a grantee or an operator may see, each policy asks of a function, as the planner takes a function as it is: as
# subqueries these are planned and made ready by each statement of the owner too, who never gets to them (ADR 15). They run
# with the caller's rights: the policy of access_grant hides from a grantee what is no longer live. A grant's foreign key
# shows that its maker is the one of whom the attestation speaks.
CALLER = "nullif(current_setting('app.tenant', true), '')::uuid"
SHOWN = f"""
create function shown_whole(owner uuid, wanted uuid) returns boolean language plpgsql stable cost 1 as $$
begin
    return exists (select from public.access_grant a where a.tenant_id = owner and a.submission_id = wanted
            and a.grantee_id = {CALLER} and a.level = 'all')
        or exists (select from public.break_glass_access b where b.tenant_id = owner and b.submission_id = wanted
            and b.operator_id = {CALLER} and b.evidence_id is null and b.approved_at is not null and b.ended_at is null
            and b.approved_at + make_interval(mins => b.minutes) > now());
end $$
"""
PUBLISHED = f"""
create function shown_published(owner uuid, submission uuid, attestation uuid) returns boolean
language plpgsql stable cost 1 as $$
begin
    return exists (select from public.access_grant a where a.tenant_id = owner and a.submission_id = submission
        and a.grantee_id = {CALLER} and a.attestation_id = attestation);
end $$
"""
ATTESTATION = ["tenant_id", "id", "respondent_id", "submission_id"]
GRANT = """exists (select from access_grant a where a.tenant_id = access_record.tenant_id
    and a.submission_id = access_record.submission_id and a.grantee_id = {me} and {which})"""
SEEN = """exists (select from submission s
    where s.tenant_id = access_record.tenant_id and s.id = access_record.submission_id)"""

# Only the issuer of a sealed submission is granted something by sealing. (Not a policy: one that looks at the submission,
# whose policy looks at this table, would be a circle.)
GUARD = """
create function guard_sealing_grant() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from submission s where s.tenant_id = new.tenant_id and s.id = new.submission_id
        and s.issuer_id = new.grantee_id and s.sealed_at is not null;
    if not found then
        raise exception 'the submission is not sealed for this grantee' using errcode = 'check_violation';
    end if;
    return new;
end $$
"""
# An id as the service makes them (UUIDv7), of the moment of sealing.
ID = """(lpad(to_hex((extract(epoch from sealed_at) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"""


def upgrade() -> None:
    for name in ("attestation_tenant_id", "attestation_id"):
        op.add_column("access_grant", uuid(name, nullable=True))
    op.add_column("access_record", uuid("attestation_id", nullable=True))
    with unforced("attestation", "access_grant", "access_record"):
        op.create_unique_constraint(None, "attestation", ATTESTATION)
        op.create_foreign_key(
            None, "access_grant", "attestation",
            ["attestation_tenant_id", "attestation_id", "tenant_id", "submission_id"], ATTESTATION,
        )  # fmt: skip
        _check_grants()
        _check_records()
    _show()
    _tell_of_readings()
    _grant_by_sealing()


def _show() -> None:
    op.execute(SHOWN)
    op.execute(PUBLISHED)
    for function in ("shown_whole(uuid, uuid)", "shown_published(uuid, uuid, uuid)"):
        op.execute(f"revoke all on function {function} from public")
        op.execute(f"grant execute on function {function} to {APP}, {SYSTEM}")
    whole = f"sealed_at is not null and (issuer_id = {ME} or shown_whole(tenant_id, id))"
    op.execute(f"alter policy submission_select on submission using ({own_or(whole)})")
    published = "shown_published(respondent_id, submission_id, id)"
    op.execute(f"alter policy attestation_select on attestation using (coalesce({ME} in (tenant_id, respondent_id) or {published}, false))")


def _check_grants() -> None:
    for name in ("level_known", "whole_or_copy"):
        op.drop_constraint(op.f(f"ck_access_grant_{name}"), "access_grant")
    levels = "'band', 'sections', 'unwithheld', 'all', 'published'"
    op.create_check_constraint("level_known", "access_grant", f"level in ({levels})")
    op.create_check_constraint("whole_or_copy", "access_grant", "(level in ('all', 'published')) = (shown is null)")
    op.create_check_constraint("attestation_whole", "access_grant", "num_nulls(attestation_tenant_id, attestation_id) in (0, 2)")
    op.create_check_constraint("published_attestation", "access_grant", "(level = 'published') = (attestation_id is not null)")


def _check_records() -> None:
    op.drop_constraint(op.f("ck_access_record_what_known"), "access_record")
    op.create_check_constraint("what_known", "access_record", f"what in ({PARTS}, 'pdf', 'bundle')")
    op.create_check_constraint(
        "of_an_attestation", "access_record", "(what in ('pdf', 'bundle')) = (attestation_id is not null)"
    )


def _tell_of_readings() -> None:
    """Whoever reads says so in its own name, and only of what it may read."""
    own = GRANT.format(me=ME, which="a.attestation_id = access_record.attestation_id")
    part = f"({SEEN} or {GRANT.format(me=ME, which='a.attestation_id is null')})"
    opened = f"""exists (select from break_glass_access b where b.tenant_id = access_record.tenant_id
        and b.id = access_record.break_glass_id and b.submission_id = access_record.submission_id
        and b.operator_id = {ME} and b.approved_at is not null and b.ended_at is null
        and b.approved_at + make_interval(mins => b.minutes) > now())"""
    op.execute(
        f"alter policy access_record_insert on access_record to {APP} with check (reader_id = {ME} and (case"
        f" when attestation_id is not null then break_glass_id is null and {own}"
        f" when break_glass_id is null then {part} else {opened} end))"
    )


def _grant_by_sealing() -> None:
    op.add_column("access_grant", text("made_by", default="vendor"))
    op.alter_column("access_grant", "made_by", server_default=None)
    with unforced("access_grant", "submission"):
        op.create_check_constraint("made_by_known", "access_grant", "made_by in ('vendor', 'sealing')")
        stays = "made_by = 'vendor' or (level = 'all' and num_nonnulls(expires_at, revoked_at) = 0)"
        op.create_check_constraint("sealing_stays", "access_grant", stays)
        op.execute(
            f"""insert into access_grant
                (tenant_id, id, submission_id, grantee_id, purpose, level, granted_at, made_by)
            select tenant_id, {ID}, id, issuer_id, 'Answer to the disclosure request ' || request_id, 'all', sealed_at,
                'sealing'
            from submission where sealed_at is not null"""
        )
    op.execute(
        "create unique index uq_access_grant_sealing on access_grant (tenant_id, submission_id) where made_by = 'sealing'"
    )
    op.execute(GUARD)
    op.execute(
        "create trigger guard_sealing_grant before insert on access_grant for each row when (new.made_by = 'sealing') "
        "execute function guard_sealing_grant()"
    )
    op.execute(f"alter policy access_grant_update on access_grant using ({OWN} and revoked_at is null and made_by = 'vendor')")
