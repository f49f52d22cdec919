"""Many tenants in a moment: requests, submissions with their answers and history, grants and attestations.

Invariant: rows are put in by the database itself, as a superuser, in the forms that the service writes; how many there
are is counted afterwards and told, not assumed.
"""

from typing import Any, NamedTuple
from uuid import UUID

import psycopg

INVESTORS, VENDORS, REQUESTS, ANSWERS = 300, 100, 3_000, 100
LARGE = 1_000
"""Requests of the largest investor; the others share the rest."""

_ID = "(lpad(to_hex({place}), 12, '0') || '7' || substr(md5('{kind}' || {place}), 1, 3) || '8' || \
substr(md5('{kind}' || {place}), 4, 15))::uuid"
_DIGEST = "'sha256:' || repeat('0', 64)"
_ANSWER = """jsonb_build_object('state', 'answered', 'value', jsonb_build_object('policy', 'yes', 'public', 'no'))"""


def _id(kind: str, place: str) -> str:
    return _ID.format(kind=kind, place=place)


_INVESTOR = _id("investor", f"(case when n <= {LARGE} then 1 else 2 + n % {INVESTORS - 1} end)")
_VENDOR = _id("vendor", f"(1 + n % {VENDORS})")
_REQUEST, _SUBMISSION, _SAVE = _id("request", "n"), _id("submission", "n"), _id("save", "n")
_ATTESTATION, _GRANT, _ISSUED = _id("attestation", "n"), _id("grant", "n"), _id("issued", "n")
_EACH = f"from generate_series(1, {REQUESTS}) n"
_SEALED = f"{_EACH} where n / 100 % 2 = 0"

STEPS = (
    f"""insert into organisation (id, name, roles, created_at, claimed_at, proof)
    select {_id("investor", "n")}, 'Investor', array['investor'], now(), now(), 'operator'
    from generate_series(1, {INVESTORS}) n""",
    f"""insert into organisation (id, name, roles, created_at, claimed_at, proof)
    select {_id("vendor", "n")}, 'Vendor', array['vendor'], now(), now(), 'operator'
    from generate_series(1, {VENDORS}) n""",
    f"""insert into disclosure_request (tenant_id, id, respondent_id, submission_id, questionnaire_id,
        questionnaire_digest, criteria_digest, context_digest, issued_at, due_on, note)
    select {_INVESTOR}, {_REQUEST}, {_VENDOR}, {_SUBMISSION}, 'q', {_DIGEST}, {_DIGEST}, {_DIGEST}, now(), now(), ''
    {_EACH}""",
    f"""insert into submission (tenant_id, id, issuer_id, request_id, version, saved_at, answers)
    select {_VENDOR}, {_SUBMISSION}, {_INVESTOR}, {_REQUEST}, 1, now(), jsonb_build_object('company', a.all_of_them,
        'product', '{{}}'::jsonb, 'deployment', '{{}}'::jsonb)
    from generate_series(1, {REQUESTS}) n, (select jsonb_object_agg('GOV-' || q, {_ANSWER}) as all_of_them
        from generate_series(1, {ANSWERS}) q) a""",
    f"""insert into submission_revision (tenant_id, id, submission_id, version, delta, saved_at, client_id)
    select tenant_id, {_SAVE}, {_SUBMISSION}, 1, answers, now(), tenant_id
    from generate_series(1, {REQUESTS}) n join submission s on s.id = {_SUBMISSION}""",
    f"""update submission set sealed_at = now(), sealed = '{{}}', leaves = '[]'
    where id in (select {_SUBMISSION} {_SEALED})""",
    f"""insert into access_grant (tenant_id, id, submission_id, grantee_id, purpose, level, granted_at, made_by)
    select {_VENDOR}, {_GRANT}, {_SUBMISSION}, {_INVESTOR}, '', 'all', now(), 'sealing' {_SEALED}""",
    f"""insert into attestation (tenant_id, id, respondent_id, submission_id, statement, bundle, issued_at)
    select {_INVESTOR}, {_ATTESTATION}, {_VENDOR}, {_SUBMISSION}, '', '', now() {_SEALED}""",
    f"""insert into access_grant (tenant_id, id, submission_id, grantee_id, purpose, level, granted_at, made_by,
        attestation_tenant_id, attestation_id)
    select {_VENDOR}, {_ISSUED}, {_SUBMISSION}, {_id("investor", "(2 + (n + 7) % 250)")}, '', 'published', now(),
        'vendor', {_INVESTOR}, {_ATTESTATION} {_SEALED} and n % 4 = 0""",
)


class Filled(NamedTuple):
    """Whom and what to ask for, and how many rows there are by table."""

    investor: UUID
    vendor: UUID
    grantee: UUID
    stranger: UUID
    request: UUID
    sealed: UUID
    draft: UUID
    draft_request: UUID
    attestation: UUID
    rows: dict[str, int]
    answers: int


def fill(superuser: psycopg.Connection[Any]) -> Filled:
    """Fill a migrated database and gather its statistics; takes seconds."""
    for step in STEPS:
        superuser.execute(step.encode())
    superuser.commit()
    superuser.autocommit = True
    superuser.execute("vacuum analyze")  # a fresh table without statistics is planned as if it were small
    superuser.autocommit = False
    tables = ("organisation", "disclosure_request", "submission", "submission_revision", "access_grant", "attestation")
    rows = {table: _one(superuser, f"select count(*) from {table}") for table in tables}
    names = {
        "investor": _id("investor", "1"), "vendor": _id("vendor", "1"), "grantee": _id("investor", "9"),
        "stranger": "md5('nobody')::uuid",
    }  # fmt: skip
    of_investor, of_vendor = f"= {names['investor']} order by id limit 1 offset 200", f"= {names['vendor']}"
    things = {
        "request": f"select id from disclosure_request where tenant_id {of_investor}",
        "sealed": f"select id from submission where sealed_at is not null and issuer_id {of_investor}",
        "draft": f"select id from submission where sealed_at is null and tenant_id {of_vendor} order by id limit 1",
        "attestation": f"select id from attestation where tenant_id {of_investor}",
    }
    found = {name: _one(superuser, f"select {id_}") for name, id_ in names.items()}
    found |= {name: _one(superuser, query) for name, query in things.items()}
    found["draft_request"] = _one(superuser, f"select request_id from submission where id = '{found['draft']}'")
    count = "select sum((select count(*) from jsonb_object_keys(answers -> 'company')))::int from submission"
    return Filled(rows=rows, answers=_one(superuser, count), **found)


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
