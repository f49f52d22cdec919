"""The statements whose cost under row-level security is measured: what the service sends, in psycopg's form."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from tests.bench.filling import ANSWERS, Filled

_LINE = "tenant_id, id, issuer_id, request_id, sealed_at"
_ATTESTATION = "tenant_id, id, respondent_id, submission_id, issued_at, pdf_digest, pdf_size, sealed_at"
_TAIL = "order by id desc limit 51"
_GRANTED = (
    "(tenant_id, id) in (select attestation_tenant_id, attestation_id from access_grant"
    " where grantee_id = %s and attestation_id is not null)"
)
_LISTS = {
    "requests (investor)": "select * from disclosure_request where tenant_id = %s",
    "requests (vendor)": "select * from disclosure_request where respondent_id = %s",
    "sealed submissions (investor)": f"select {_LINE} from submission where issuer_id = %s and sealed_at is not null",
    "sealed submissions (vendor)": f"select {_LINE} from submission where tenant_id = %s and sealed_at is not null",
    "attestations (investor)": f"select {_ATTESTATION} from attestation where tenant_id = %s",
    "attestations (vendor)": f"select {_ATTESTATION} from attestation where respondent_id = %s",
    "attestations (grantee)": f"select {_ATTESTATION} from attestation where {_GRANTED}",
    "grants (grantee)": "select * from access_grant where grantee_id = %s",
}
_LOCK = (
    "select s.*, r.* from submission s join disclosure_request r on r.tenant_id = s.issuer_id and r.id = s.request_id"
    " where s.tenant_id = %s and s.request_id = %s for update of s"
)
_UPDATE = "update submission set answers = %s, version = version + 1, saved_at = now() where tenant_id = %s and id = %s"
_APPEND = (
    "insert into submission_revision (tenant_id, id, submission_id, version, delta, saved_at, client_id)"
    " values (%s, gen_random_uuid(), %s, (txid_current() %% 2000000000)::int, %s, now(), %s)"
)


class Job(NamedTuple):
    """One or more statements in one transaction, in a tenant's name."""

    what: str
    tenant: UUID
    steps: Sequence[tuple[str, Sequence[Any]]]
    writes: bool = False


def lists(filled: Filled, who: UUID | None = None) -> list[Job]:
    """Return the lists, in the name of whom they concern, or of somebody else."""
    jobs = []
    for what, query in _LISTS.items():
        side = {"vendor": filled.vendor, "grantee": filled.grantee}
        tenant = who or side.get(what.split("(")[1].rstrip(")"), filled.investor)
        jobs.append(Job(f"list {what}", tenant, [(f"{query} {_TAIL}", (tenant,))]))
    return jobs


def reads(filled: Filled) -> list[Job]:
    """Return reads by key."""
    investor, vendor = filled.investor, filled.vendor
    return [
        _read("request (investor)", investor, "disclosure_request where tenant_id = %s", filled.request),
        _read("sealed submission (investor)", investor, "submission where issuer_id = %s", filled.sealed),
        _read("draft (vendor)", vendor, "submission where tenant_id = %s", filled.draft),
        _read("attestation (investor)", investor, "attestation where tenant_id = %s", filled.attestation),
    ]


def _read(what: str, tenant: UUID, where: str, id_: UUID) -> Job:
    return Job(f"read {what}", tenant, [(f"select * from {where} and id = %s", (tenant, id_))])


def save(filled: Filled) -> Job:
    """Return what a save sends: the draft locked, its answers replaced, a revision appended."""
    vendor, draft = filled.vendor, filled.draft
    answer = {"state": "answered", "value": {"policy": "yes", "public": "no"}}
    document = Jsonb({"company": {f"GOV-{n}": answer for n in range(ANSWERS)}, "product": {}, "deployment": {}})
    steps = [
        (_LOCK, (vendor, filled.draft_request)),
        (_UPDATE, (document, vendor, draft)),
        (_APPEND, (vendor, draft, document, vendor)),
    ]
    return Job(f"save {ANSWERS} answers", vendor, steps, writes=True)
