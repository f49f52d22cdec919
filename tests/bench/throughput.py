"""How many documents the workers make: real processes, from the first request to the last PDF."""

import tempfile
import time
from pathlib import Path

from demo.parties import Party, answer, enrol
from demo.server import Server, serving
from tests.bench.measuring import show
from tests.service import REVISIONS, due, read_case

DOCUMENTS = 12
_LONGEST_WAIT = 30
"""Seconds; documents come in the order in which they were asked for, so each is near once the last one came."""


def measure() -> None:
    """Print how many documents a minute one worker makes, and what a second adds."""
    one, two = (_documents_a_minute(workers) for workers in (1, 2))
    show("documents a minute with one worker", f"{one:.1f}", "", None)
    show("  with two, on cores that the service and the database share", f"{two:.1f} ({two / one:.2f} x)", "", None)


def _documents_a_minute(workers: int) -> float:
    with (
        tempfile.TemporaryDirectory(prefix="enduse-bench-") as name,
        serving(Path(name), worker_processes=workers) as server,
    ):
        investor, submissions = _submit(server, workers + DOCUMENTS)
        _attest(investor, submissions[:workers])  # from here on, each worker has loaded what it needs
        begun = time.perf_counter()
        _attest(investor, submissions[workers:])
        return 60 * DOCUMENTS / (time.perf_counter() - begun)


def _submit(server: Server, count: int) -> tuple[Party, list[str]]:
    """Return an investor, and submissions of one vendor to it."""
    operator = Party(server.address, "Operator", server.operator("Operator"))
    investor = enrol(operator, server.address, "Aster", "investor")
    vendor = enrol(operator, server.address, "Tarnbrook", "vendor")
    asked = {"respondent": vendor.id, **REVISIONS, "due_on": due()}
    case, submissions = read_case("f2"), []
    for _ in range(count):
        request = investor.call("POST", "/v1/disclosure-requests", asked)
        submissions.append(answer(vendor, request["id"], case)["submission"])
    return investor, submissions


def _attest(investor: Party, submissions: list[str]) -> None:
    """Ask for the documents at once, and wait until each is there."""
    asked = [investor.call("POST", "/v1/attestations", {"submission": submission})["id"] for submission in submissions]
    for id_ in asked:
        investor.fetch(f"/v1/attestations/{id_}.pdf", headers={"Prefer": f"wait={_LONGEST_WAIT}"})
