"""The service over HTTP: a real server process, and the same in this process to count its statements."""

import gzip
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import event

from api.db.cluster import APP, SUPERUSER
from api.db.local import LocalServer
from api.db.migrate import migrate
from api.ids import uuid7
from api.submissions import service as submissions
from demo.parties import Party, enrol
from demo.server import Server, serving
from tests.bench.measuring import alternate, clock_of, cpu_of, in_turns, peak_memory, show, show_most, show_spread
from tests.bench.scoring import many_rows
from tests.service import REVISIONS, Service, due, issue, submit_case
from tests.service import Party as Tested
from tests.service import serving as serving_here

ROUNDS = 60


def measure() -> None:
    """Print the rows of the service."""
    with tempfile.TemporaryDirectory(prefix="enduse-bench-") as name:
        folder = Path(name)
        with serving(folder):
            pass  # the cluster is made once; what is measured is a start
        begun = time.perf_counter()
        with serving(folder) as server:
            show_most("start of the server, PostgreSQL included", time.perf_counter() - begun, 2, "s")
            _measure_calls(server, folder)
    with tempfile.TemporaryDirectory(prefix="enduse-bench-") as name, LocalServer(Path(name) / "pg").running() as local:
        _measure_migration(local)
        _count_statements(local, Path(name))


def _measure_calls(server: Server, folder: Path) -> None:
    operator = Party(server.address, "Operator", server.operator("Operator"))
    investor = enrol(operator, server.address, "Aster", "investor")
    vendor = enrol(operator, server.address, "Tarnbrook", "vendor")
    asked = {"respondent": vendor.id, **REVISIONS, "due_on": due()}
    request = investor.call("POST", "/v1/disclosure-requests", asked)
    _measure_save(server, folder, vendor, request)
    _measure_read(server, vendor, request["id"])
    declared = {"name": "Ada Verrin", "role": "Head of compliance"}
    sealed = vendor.call("POST", f"/v1/disclosure-requests/{request['id']}/submission:submit", declared)
    attested = investor.call("POST", "/v1/attestations", {"submission": sealed["submission"]})
    investor.fetch(f"/v1/attestations/{attested['id']}.pdf", headers={"Prefer": "wait=30"})
    workers = [int(child) for child in _children(server.process.pid)]
    show_most("memory of a worker that has rendered (peak)", max(map(peak_memory, workers)), 150, "MB")
    for party in (operator, investor, vendor):
        party.close()


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def _measure_save(server: Server, folder: Path, vendor: Party, request: dict[str, Any]) -> None:
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    save = many_rows(3)
    count = len(save["company"]) + sum(len(r["answers"]) for g in ("product", "deployment") for r in save[g].values())
    vendor.call("PATCH", path, save)
    address = LocalServer(folder / "postgres").cluster.address(APP)
    with psycopg.connect(address) as connection:
        bare = _bare_save(connection, vendor.id, request["submission"], save)
        over_http, transaction = in_turns(lambda: vendor.call("PATCH", path, save), bare, ROUNDS)
    show_most(
        f"save {count} answers over HTTP, against the same rows in one bare transaction",
        over_http / transaction,
        3,
        "x",
    )
    before = cpu_of(server.process.pid)
    for _ in range(ROUNDS):
        vendor.call("PATCH", path, save)
    show_most("  CPU of the server", (cpu_of(server.process.pid) - before) / ROUNDS, 15, "ms")


def _bare_save(connection: psycopg.Connection[Any], vendor: str, submission: str, save: dict[str, Any]) -> Any:
    """Return a function that writes what a save writes, with nothing around it."""

    def run() -> None:
        connection.execute("select set_config('app.tenant', %s, true)", (vendor,))
        query = "select version from submission where tenant_id = %s and id = %s for update"
        row = connection.execute(query, (vendor, submission)).fetchone()
        assert row is not None
        connection.execute(
            "update submission set answers = %s, version = version + 1, saved_at = now()"
            " where tenant_id = %s and id = %s",
            (Jsonb(save), vendor, submission),
        )
        connection.execute(
            "insert into submission_revision (tenant_id, id, submission_id, version, delta, saved_at, client_id)"
            " values (%s, %s, %s, %s, %s, now(), %s)",
            (vendor, uuid7(), submission, row[0] + 1, Jsonb(save), uuid7()),
        )
        connection.commit()

    return run


def _measure_read(server: Server, vendor: Party, request: str) -> None:
    path = f"/v1/disclosure-requests/{request}"
    body = vendor.fetch(path)
    answers = vendor.fetch(f"{path}/submission")
    before = cpu_of(server.process.pid)
    for _ in range(ROUNDS):
        vendor.fetch(path)
        vendor.fetch(f"{path}/submission")
    show_most(
        "read a request with schema, and its answers: CPU of the server",
        (cpu_of(server.process.pid) - before) / ROUNDS,
        15,
        "ms",
    )
    show_most("  both, compressed", (len(gzip.compress(body)) + len(gzip.compress(answers))) / 1000, 60, "kB")
    hidden = [word for word in ("weights", "ceilings", "ladder") if f'"{word}"'.encode() in body]
    show("  scoring keys in it", str(len(hidden)), "none", not hidden)


def _measure_migration(local: LocalServer) -> None:
    with psycopg.connect(local.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute("create database bench owner enduse_owner")
    begun = time.perf_counter()
    migrate(local.cluster.address("enduse_owner", "bench"))
    show_most("migrate an empty database", time.perf_counter() - begun, 3, "s")


def _count_statements(local: LocalServer, folder: Path) -> None:
    with serving_here(local.cluster.address(APP, "bench"), folder / "data") as service, _counted(service) as statements:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Tarnbrook", "vendor")
        statements.clear()
        submit_case(investor, vendor, "f2")
        # issue, save, attach, submit: reading the request is not needed for a known questionnaire
        show_most("whole job up to the scorecard: calls", len({s[0] for s in statements}), 6, "calls")
        show_most("  SQL statements", len(statements), 60, "statements")
        saves = [statement for statement in statements if statement[0].startswith("PATCH")]
        show_most("  of these for the save", len(saves), 10, "statements")
        request = issue(investor, vendor)
        _measure_audit(service, vendor, f"/v1/disclosure-requests/{request['id']}/submission")


@contextmanager
def _counted(service: Service) -> Iterator[list[tuple[str, str]]]:
    """Give a list that fills with (call, statement)."""
    engine, found = service.sessions.kw["bind"], []
    calls = {"now": ""}

    def note_request(request: httpx.Request) -> None:
        calls["now"] = f"{request.method} {request.url.path}"

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append((calls["now"], statement))

    service.client.event_hooks = {"request": [note_request]}
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def _measure_audit(service: Service, vendor: Tested, path: str) -> None:
    """Print what the audit entry costs a save: the same with and without it, in CPU of service and database."""
    save = many_rows(3)

    def without() -> None:
        told = submissions.record
        submissions.record = lambda *_, **__: None
        vendor.patch(path, save)
        submissions.record = told

    with service.sessions() as session:
        query = "select pid from pg_stat_activity where usename = current_user and datname = current_database()"
        servers = session.connection().exec_driver_sql(query).scalars().all()
    clock = clock_of(*servers, own=time.process_time)
    with_audit, _, ratio = alternate(lambda: vendor.patch(path, save), without, ROUNDS, clock)
    show_spread(f"a save with its audit entry ({with_audit.median * 1000:.1f} ms), against one without", ratio, 1.1)
