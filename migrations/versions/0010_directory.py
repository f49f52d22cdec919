"""The directory: who an organisation is, records that nobody runs yet, claims of them, and the merging of two records."""

import sqlalchemy as sa
from alembic import op

from api.db.roles import APP, SYSTEM
from migrations.tables import OWN, hand_to_system, moment, show_to_system, tenant_table, text, unforced, uuid, Update

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHANGED = (
    "name", "name_key", "country", "lei", "register_country", "register_number", "register_key", "parent_id",
    "domain", "domain_by", "domain_contested", "claimed_at", "proof",
)  # fmt: skip
CHECKS = {
    "claimed_with_proof": "num_nulls(claimed_at, proof) in (0, 2)",
    "proof_known": "proof in ('operator', 'dns', 'email')",
    "domain_by_known": "domain_by in ('operator', 'investor')",
    "domain_by_somebody": "num_nulls(domain, domain_by) in (0, 2)",
    "register_whole": "num_nulls(register_country, register_number, register_key) in (0, 3)",
    "lei_form": "lei ~ '^[0-9A-Z]{18}[0-9]{2}$'",
    "not_its_own_parent": "parent_id <> id",
    "not_merged_into_itself": "merged_into <> id",
    "merged_unclaimed": "merged_into is null or claimed_at is null",
}
NAME_KEY = """lower(trim(regexp_replace(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g'),
    '[^[:alnum:]]+', ' ', 'g')))"""

OPERATOR = "exists (select from organisation o where o.id = me and 'operator' = any(o.roles))"
# A second guard behind the service: an entry is changed by an operator, or in its own name while nobody runs it.
GUARD = f"""
create function guard_organisation() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
    if current_user = '{APP}' and (old.merged_into is not null
        or (old.claimed_at is not null and new.claimed_at is distinct from old.claimed_at)
        or not ({OPERATOR} or coalesce(me = old.id and old.claimed_at is null, false))) then
        raise exception 'this entry is not to be changed so' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""
# Under a lock until the transaction ends: two that become each other's parent at once would not see one another.
CIRCLE = """
create function refuse_parent_circle() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(10);
    if exists (with recursive up(id) as (
            select new.parent_id union select o.parent_id from organisation o join up on o.id = up.id)
        select from up where up.id = new.id) then
        raise exception 'parents form a circle' using errcode = 'check_violation', constraint = 'parent_circle';
    end if;
    return new;
end $$
"""
COPIED = "lei, register_country, register_number, register_key, domain, domain_by, domain_contested, roles, claimed_at"
# Crosses tenants on purpose, and so checks everything itself: what is merged never acted, and its requests wait.
MERGE = f"""
create function merge_record(gone uuid, kept uuid) returns table (issuer uuid, request uuid)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    old record;
    new record;
    refusal text;
begin
    if not ({OPERATOR} or coalesce(me = gone, false)) then
        raise exception 'only an operator, or the record itself, merges' using errcode = 'insufficient_privilege';
    end if;
    perform from organisation o where o.id in (gone, kept) order by o.id for update;
    select {COPIED} into old from organisation where id = gone and merged_into is null;
    select {COPIED} into new from organisation where id = kept and merged_into is null;
    refusal := case
        when old is null or new is null or gone = kept or not old.roles <@ new.roles then 'merge_parties'
        when old.claimed_at is not null or exists (select from oauth_client c where c.tenant_id = gone)
            or exists (select from submission s where s.tenant_id = gone and (s.sealed_at is not null or s.version > 0))
            then 'merge_acted'
        when old.lei <> new.lei or old.register_key <> new.register_key
            or old.register_country <> new.register_country then 'merge_identifiers'
        when exists (select from disclosure_request r where r.tenant_id = kept and r.respondent_id = gone)
            then 'merge_own_request'
    end;
    if refusal is not null then
        raise exception 'not to be merged' using errcode = 'check_violation', constraint = refusal;
    end if;
    update organisation set merged_into = kept, parent_id = null where id = gone;
    update organisation set merged_into = kept where merged_into = gone;
    update organisation set parent_id = null where id = kept and parent_id = gone;
    update organisation set parent_id = kept where parent_id = gone;
    update organisation set lei = old.lei where id = kept and lei is null;
    update organisation set register_country = old.register_country, register_number = old.register_number,
        register_key = old.register_key where id = kept and register_key is null;
    update organisation set domain = old.domain, domain_by = old.domain_by, domain_contested = old.domain_contested
        where id = kept and domain is null and claimed_at is null;
    set constraints fk_submission_issuer_id_request_id_tenant_id deferred;
    -- Submissions first, as everybody locks them who then touches their request.
    update submission s set tenant_id = kept where s.tenant_id = gone;
    return query update disclosure_request r set respondent_id = kept where r.respondent_id = gone
        returning r.tenant_id, r.id;
    set constraints fk_submission_issuer_id_request_id_tenant_id immediate;
end $$
"""


def upgrade() -> None:
    _describe_organisations()
    _make_claims()
    _make_acts()
    _allow_merging()


def _describe_organisations() -> None:
    for column in (
        sa.Column("name_key", sa.Text(collation="C"), nullable=False, server_default=""), text("lei", nullable=True),
        text("register_country", nullable=True), text("register_number", nullable=True),
        text("register_key", nullable=True), uuid("parent_id", nullable=True), text("domain", nullable=True),
        text("domain_by", nullable=True),
        sa.Column("domain_contested", sa.Boolean(), nullable=False, server_default=sa.false()),
        moment("claimed_at", nullable=True), text("proof", nullable=True), uuid("merged_into", nullable=True),
    ):  # fmt: skip
        op.add_column("organisation", column)
    # Whoever is there was made by an operator.
    op.execute(f"update organisation set claimed_at = created_at, proof = 'operator', name_key = {NAME_KEY}")
    for check, condition in CHECKS.items():
        op.create_check_constraint(check, "organisation", condition)
    for name in ("parent_id", "merged_into"):
        op.create_foreign_key(None, "organisation", "organisation", [name], ["id"])
        op.create_index(None, "organisation", [name])
    op.create_index(None, "organisation", ["name_key", "id"])
    # An alias keeps its row and gives its identifiers to the survivor.
    living = sa.text("merged_into is null")
    op.create_index("uq_organisation_lei", "organisation", ["lei"], unique=True, postgresql_where=living)
    register = ["register_country", "register_key"]
    op.create_index("uq_organisation_register", "organisation", register, unique=True, postgresql_where=living)
    op.execute(f"grant update ({', '.join(CHANGED)}) on organisation to {APP}")
    op.execute(GUARD)
    op.execute(CIRCLE)
    op.execute(
        "create trigger guard_organisation before update on organisation for each row execute function guard_organisation()"
    )
    op.execute(
        "create trigger refuse_parent_circle before insert or update of parent_id on organisation "
        "for each row when (new.parent_id is not null) execute function refuse_parent_circle()"
    )


def _make_claims() -> None:
    # No foreign key: a claim is taken down alike whether or not its organisation exists.
    tenant_table(
        "claim",
        text("method"),
        text("mailbox", nullable=True),
        text("token_digest", nullable=True),
        text("domain", nullable=True),
        moment("started_at"),
        moment("expires_at"),
        moment("mailed_at", nullable=True),
        sa.CheckConstraint("method in ('dns', 'email')", name="method_known"),
        sa.CheckConstraint("(method = 'email') = (mailbox is not null)", name="mailbox_for_email"),
        sa.CheckConstraint("method = 'email' or token_digest is not null", name="token_unless_mailed"),
        sa.CheckConstraint("method = 'dns' or num_nulls(token_digest, domain) in (0, 2)", name="token_for_a_domain"),
        sa.CheckConstraint("token_digest ~ '^[0-9a-f]{64}$'", name="token_digest_form"),
        sa.Index(None, "expires_at"),
        updates=Update(columns=["token_digest", "domain", "mailed_at"], using=f"{OWN} and expires_at > now()"),
        deletes="expires_at < now()",
    )


def _make_acts() -> None:
    tenant_table(
        "directory_act",
        text("act"),
        uuid("organisation_id"),
        uuid("into_id", nullable=True),
        text("reason"),
        moment("at"),
        uuid("client_id"),
        text("person", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["into_id"], ["organisation.id"]),
        sa.CheckConstraint("act in ('correct', 'approve', 'merge')", name="act_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )


def _allow_merging() -> None:
    with unforced("submission", "disclosure_request"):
        op.execute(
            "alter table submission alter constraint fk_submission_issuer_id_request_id_tenant_id deferrable initially immediate"
        )
    op.execute(MERGE)
    hand_to_system("merge_record")
    columns = f"id, parent_id, merged_into, {COPIED}"
    changed = "parent_id, merged_into, lei, register_country, register_number, register_key, domain, domain_by"
    op.execute(f"grant select ({columns}), update ({changed}, domain_contested) on organisation to {SYSTEM}")
    op.execute(f"grant select (tenant_id) on oauth_client to {SYSTEM}")
    op.execute(f"grant select (tenant_id, id, respondent_id), update (respondent_id) on disclosure_request to {SYSTEM}")
    op.execute(f"grant select (tenant_id, version, sealed_at), update (tenant_id) on submission to {SYSTEM}")
    for table in ("disclosure_request", "submission"):
        show_to_system(table)
        op.execute(f"create policy {table}_merge on {table} for update to {SYSTEM} using (true) with check (true)")
