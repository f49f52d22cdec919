"""What was there before quotas is counted: files once, requests that wait for their answer."""

import psycopg

from api.db.cluster import SUPERUSER
from api.db.migrate import migrate
from api.db.roles import OWNER
from api.ids import uuid7

ORGANISATION = "insert into organisation (id, name, roles, created_at) values (%s, 'x', array['vendor'], now())"
REQUEST = """insert into disclosure_request (tenant_id, id, respondent_id, submission_id, questionnaire_id,
    questionnaire_digest, criteria_digest, context_digest, issued_at, due_on, note)
    select %s, %s, %s, %s, 'q', digest, digest, digest, now(), '2026-12-01', ''
    from (values ('sha256:' || repeat('0', 64))) d (digest)"""
SUBMISSION = """insert into submission (tenant_id, id, issuer_id, request_id, version, saved_at, sealed_at, sealed,
    leaves) values (%s, %s, %s, %s, 1, now(), case when %s then now() end, case when %s then '{}'::jsonb end,
    case when %s then '[]'::jsonb end)"""
EVIDENCE = """insert into evidence (tenant_id, id, submission_id, file_digest, file_name, media_type, size, attached_at)
    values (%s, %s, %s, 'sha256:' || repeat('1', 64), 'a', 'text/plain', 7, now())"""


def test_what_was_there_is_counted(cluster) -> None:
    name = f"t_{uuid7().hex}"
    investor, vendor, sealed, draft = (uuid7() for _ in range(4))
    with psycopg.connect(cluster.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute(f"create database {name} owner {OWNER}")
        try:
            owner = cluster.cluster.address(OWNER, name)
            migrate(owner, "0009")
            with psycopg.connect(cluster.cluster.address(SUPERUSER, name)) as connection:
                connection.execute("set session_replication_role = replica")
                for id_ in (investor, vendor):
                    connection.execute(ORGANISATION, (id_,))
                for request, is_sealed in ((sealed, True), (draft, False)):
                    submission = uuid7()
                    connection.execute(REQUEST, (investor, request, vendor, submission))
                    connection.execute(SUBMISSION, (vendor, submission, investor, request, *[is_sealed] * 3))
                    connection.execute(EVIDENCE, (vendor, uuid7(), submission))
            migrate(owner)
            with psycopg.connect(cluster.cluster.address(SUPERUSER, name)) as connection:
                usage = "select tenant_id, stored_bytes, open_requests from usage order by open_requests"
                assert connection.execute(usage).fetchall() == [(vendor, 7, 0), (investor, 0, 1)]
                requests = "select id, is_open from disclosure_request order by is_open"
                assert connection.execute(requests).fetchall() == [(sealed, False), (draft, True)]
        finally:
            superuser.execute(f"drop database {name} with (force)")
