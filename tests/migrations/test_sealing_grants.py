"""Submissions that were sealed before sealing made grants get theirs; drafts get none."""

import psycopg

from api.db.cluster import SUPERUSER
from api.db.migrate import migrate
from api.db.roles import OWNER
from api.ids import uuid7

DIGEST = "sha256:" + "0" * 64


def test_what_was_sealed_before_gets_its_grant(cluster) -> None:
    name = f"t_{uuid7().hex}"
    with psycopg.connect(cluster.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute(f"create database {name} owner {OWNER}")
        try:
            owner = cluster.cluster.address(OWNER, name)
            migrate(owner, "0013")
            with psycopg.connect(cluster.cluster.address(SUPERUSER, name)) as connection:
                investor, vendor, sealed, request = fill(connection)
            migrate(owner)
            with psycopg.connect(cluster.cluster.address(SUPERUSER, name)) as connection:
                query = """select g.tenant_id, g.submission_id, g.grantee_id, g.purpose, g.level, g.made_by,
                    g.granted_at = s.sealed_at, g.expires_at, g.revoked_at, substr(g.id::text, 15, 1)
                    from access_grant g join submission s on s.id = g.submission_id"""
                purpose = f"Answer to the disclosure request {request}"
                expected = (vendor, sealed, investor, purpose, "all", "sealing", True, None, None, "7")
                assert connection.execute(query).fetchall() == [expected]
                forced = "select relforcerowsecurity from pg_class where relname in ('submission', 'access_grant')"
                assert connection.execute(forced).fetchall() == [(True,), (True,)]
        finally:
            superuser.execute(f"drop database {name} with (force)")


def fill(connection):
    """Make a sealed submission and a draft; return investor, vendor, the sealed one and its request."""
    investor, vendor, sealed, draft = (uuid7() for _ in range(4))
    requests = {sealed: uuid7(), draft: uuid7()}
    for id_ in (investor, vendor):
        connection.execute(
            "insert into organisation (id, name, roles, created_at) values (%s, 'x', array['vendor'], now())", (id_,)
        )
    for submission, request in requests.items():
        connection.execute(
            """insert into disclosure_request (tenant_id, id, respondent_id, submission_id, questionnaire_id,
            questionnaire_digest, criteria_digest, context_digest, issued_at, due_on, note)
            values (%s, %s, %s, %s, 'q', %s, %s, %s, now(), now(), '')""",
            (investor, request, vendor, submission, DIGEST, DIGEST, DIGEST),
        )
        connection.execute(
            """insert into submission (tenant_id, id, issuer_id, request_id, version, saved_at)
            values (%s, %s, %s, %s, 0, now())""",
            (vendor, submission, investor, request),
        )
    connection.execute(
        "update submission set sealed_at = now() - interval '1 day', sealed = '{}', leaves = '[]' where id = %s",
        (sealed,),
    )
    return investor, vendor, sealed, requests[sealed]
