"""What row-level security costs: the same prepared statements, by a role that it binds and by one that it does not."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg

from api.db.cluster import APP, SUPERUSER
from api.db.local import LocalServer
from api.db.migrate import migrate
from api.ids import uuid7
from tests.bench.measuring import in_turns, show_most

ROUNDS, REPEATS, REQUESTS = 30, 50, 10_000
DIGEST = "sha256:" + "0" * 64


def measure() -> None:
    """Print the rows of isolation."""
    with tempfile.TemporaryDirectory(prefix="enduse-bench-") as name, LocalServer(Path(name) / "pg").running() as local:
        with psycopg.connect(local.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
            superuser.execute("create database bench owner enduse_owner")
        migrate(local.cluster.address("enduse_owner", "bench"))
        with (
            psycopg.connect(local.cluster.address(SUPERUSER, "bench"), prepare_threshold=0) as free,
            psycopg.connect(local.cluster.address(APP, "bench"), prepare_threshold=0) as bound,
        ):
            tenant, one = _fill(free)
            for what, query, values in (
                ("list", "select * from disclosure_request where tenant_id = %s order by id desc limit 50", (tenant,)),
                ("read", "select * from disclosure_request where tenant_id = %s and id = %s", (tenant, one)),
            ):
                with_rls, without = in_turns(
                    _run(bound, tenant, query, values), _run(free, tenant, query, values), ROUNDS
                )
                show_most(f"row-level security, {what} among {REQUESTS:,} requests", with_rls / without, 1.1, "x")


def _run(connection: psycopg.Connection[Any], tenant: Any, query: str, values: Any) -> Any:
    def run() -> None:
        connection.execute("select set_config('app.tenant', %s, true)", (str(tenant),))
        for _ in range(REPEATS):
            connection.execute(query.encode(), values).fetchall()
        connection.commit()

    return run


def _fill(superuser: psycopg.Connection[Any]) -> tuple[Any, Any]:
    """Make one investor with many requests to one vendor."""
    investor, vendor, ids = uuid7(), uuid7(), [uuid7() for _ in range(REQUESTS)]
    for id_, role in ((investor, "investor"), (vendor, "vendor")):
        superuser.execute("insert into organisation values (%s, %s, null, %s, now())", (id_, role, [role]))
    columns = (
        "tenant_id, id, respondent_id, submission_id, questionnaire_id, questionnaire_digest, criteria_digest,"
        " context_digest, issued_at, due_on, note"
    )
    with superuser.cursor() as cursor:
        cursor.executemany(
            f"insert into disclosure_request ({columns}) values (%s, %s, %s, %s, 'q', %s, %s, %s, now(), now(), '')",
            [(investor, id_, vendor, uuid7(), DIGEST, DIGEST, DIGEST) for id_ in ids],
        )
    superuser.commit()
    superuser.autocommit = True
    superuser.execute("vacuum analyze disclosure_request")
    superuser.autocommit = False
    return investor, ids[REQUESTS // 2]
