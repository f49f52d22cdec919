"""Real processes: server and worker are killed between attesting and the document; nothing is lost, nothing doubled.

Invariant: the processes are those of `enduse serve`; they are killed, not asked.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api import clock
from attestations.report import Outcome
from attestations.trust import parse
from attestations.verification import verify
from demo.parties import Party, answer, enrol
from demo.server import Server, serving
from tests.service import REVISIONS, due, read_case

PATIENCE = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a data folder that the database's own user can reach."""
    with tempfile.TemporaryDirectory(prefix="enduse-story-") as name:
        yield Path(name)


def processes_of(folder: Path) -> dict[int, str]:
    """Return the living processes whose environment or arguments name the data folder, by id."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(folder).encode() in command + environment and state != "Z":
            found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found


def wait_for(condition: Any) -> None:
    """Wait until a condition holds; fail when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "patience ended"
        time.sleep(0.05)


def owner(folder: Path) -> psycopg.Connection[Any]:
    """Connect to the server's own database as its superuser."""
    from api.db.cluster import SUPERUSER
    from api.db.local import LocalServer

    local = LocalServer(folder / "postgres")
    return psycopg.connect(local.cluster.address(SUPERUSER, "enduse"), autocommit=True)


def attest(server: Server) -> tuple[tuple[str, str], str]:
    """Play one exercise up to attesting; return the investor's credentials and the attestation's id."""
    operator = Party(server.address, "Operator", server.operator("Operator"))
    made = operator.call("POST", "/v1/organisations", {"name": "Aster", "roles": ["investor"]})
    client = operator.call("POST", f"/v1/organisations/{made['id']}/clients", {"name": "integration"})
    investor = Party(server.address, "Aster", (client["id"], client["secret"]), made["id"])
    vendor = enrol(operator, server.address, "Lindisvale", "vendor")
    asked = {"respondent": vendor.id, **REVISIONS, "due_on": due()}
    request = investor.call("POST", "/v1/disclosure-requests", asked)
    submitted = answer(vendor, request["id"], read_case("f5"))
    attested = investor.call("POST", "/v1/attestations", {"submission": submitted["submission"]})
    for party in (operator, investor, vendor):
        party.close()
    return (client["id"], client["secret"]), attested["id"]


def kill_worker_that_has_the_job(folder: Path) -> None:
    """Kill the worker the moment a worker has taken the job."""
    with owner(folder) as connection:
        taken = "select count(*) from procrastinate_jobs where task_name = 'attesting.render' and status = 'doing'"
        wait_for(lambda: connection.execute(taken).fetchone() == (1,))
    for number, command in processes_of(folder).items():
        if "worker" in command:
            os.kill(number, signal.SIGKILL)


def test_killed_between_attesting_and_the_document(folder: Path) -> None:
    with serving(folder) as server:
        credentials, attestation = attest(server)
        kill_worker_that_has_the_job(folder)
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not any(" -m api" in command for command in processes_of(folder).values()))
    with serving(folder) as server:
        investor = Party(server.address, "Aster", credentials)
        deadline = time.monotonic() + PATIENCE
        document = b""
        while not document and time.monotonic() < deadline:
            document = investor.fetch(f"/v1/attestations/{attestation}.pdf", headers={"Prefer": "wait=30"})
        trust = parse(httpx.get(f"{server.address}/v1/trust.json", trust_env=False).content)
        assert verify(document, trust, clock.now()).outcome is Outcome.PASSED
        assert [item["id"] for item in investor.call("GET", "/v1/attestations")["items"]] == [attestation]
        with owner(folder) as connection:
            jobs = (
                "select status::text, count(*) from procrastinate_jobs where task_name = 'attesting.render' group by 1"
            )
            wait_for(lambda: connection.execute(jobs).fetchall() == [("succeeded", 1)])
        documents = [file for file in (folder / "files" / investor_of(folder)).rglob("*") if file.is_file()]
        assert len(documents) == 1
        investor.close()
    wait_for(lambda: processes_of(folder) == {})


def investor_of(folder: Path) -> str:
    """Return the tenant that owns the one attestation."""
    with owner(folder) as connection:
        ((tenant,),) = connection.execute("select tenant_id::text from attestation").fetchall()
    return str(tenant)


def test_a_killed_server_leaves_no_process_behind_but_the_database_that_the_next_one_takes_up(folder: Path) -> None:
    with serving(folder) as server:
        wait_for(lambda: any("worker" in command for command in processes_of(folder).values()))
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not any(" -m api" in command for command in processes_of(folder).values()))
    with serving(folder) as server:
        assert httpx.get(f"{server.address}/readyz", trust_env=False).status_code == httpx.codes.OK
    wait_for(lambda: processes_of(folder) == {})
