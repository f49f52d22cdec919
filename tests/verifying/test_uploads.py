"""Anybody has a file verified, within bounds, and the service stays as it was."""

import asyncio
import json
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from api.problems import Refusal
from api.verifying import service as verifying
from api.verifying.service import Verifier
from tests.databases import database_on
from tests.service import Service, open_client, serving, submit_case

PDF = {"Content-Type": "application/pdf"}


class Issued(NamedTuple):
    """A service with an attestation in its log."""

    service: Service
    pdf: bytes
    bundle: bytes

    def upload(self, data: bytes, kind: str = "application/pdf") -> httpx.Response:
        return self.service.client.post("/v1/verifications", content=data, headers={"Content-Type": kind})


@pytest.fixture(scope="module")
def issued(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    with database_on(cluster) as database, serving(database.app_url, tmp_path_factory.mktemp("data")) as service:
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submitted = submit_case(investor, vendor, "f5")
        made = investor.post("/v1/attestations", {"submission": submitted["submission"]}).json()
        service.render()
        path = f"/v1/attestations/{made['id']}"
        yield Issued(service, investor.get(f"{path}.pdf").content, investor.get(f"{path}/bundle").content)


def test_a_genuine_document_passes_with_its_log_and_its_status(issued: Issued) -> None:
    report = issued.upload(issued.pdf).json()
    assert report["outcome"] == "PASSED"
    assert [step["status"] for step in report["steps"][:7]] == ["passed"] * 7


def test_a_bundle_passes(issued: Issued) -> None:
    assert issued.upload(issued.bundle, "application/json").json()["outcome"] == "PASSED"


def test_a_changed_document_fails_and_says_why(issued: Issued) -> None:
    changed = bytearray(issued.pdf)
    changed[len(changed) // 2] ^= 1
    report = issued.upload(bytes(changed)).json()
    assert report["outcome"] == "FAILED"
    assert report["statement"] is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "NOT_RECOGNISED"), (b"hello", "NOT_RECOGNISED"), (b"%PDF-1.7\n", "NO_SIGNATURE"), (b"{}", "BUNDLE_FORMAT")],
)
def test_anything_else_fails(data: bytes, reason: str, issued: Issued) -> None:
    report = issued.upload(data).json()
    assert report["outcome"] == "FAILED"
    assert reason in {step["reason"] for step in report["steps"]}


def test_another_type_is_refused(issued: Issued) -> None:
    assert issued.upload(b"x", "text/html").status_code == 415


def test_a_file_of_fifty_megabytes_is_refused_at_once(issued: Issued) -> None:
    answer = issued.upload(b"%PDF-1.7\n" + bytes(50 * 2**20))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_bomb_is_told_within_bounds(issued: Issued) -> None:
    folded = zlib.compress(bytes(200 * 2**20))
    bomb = b"%%PDF-1.7\n1 0 obj <</Filter/FlateDecode/Length %d>> stream\n%b\nendstream\n" % (len(folded), folded)
    assert issued.upload(bomb).json()["outcome"] == "FAILED"


def test_nothing_is_stored(issued: Issued) -> None:
    def kept() -> set[Path]:
        return {path for path in issued.service.settings.data_folder.rglob("*") if path.is_file()}

    before = kept()
    issued.upload(issued.pdf)
    assert kept() == before


def test_many_at_once_wait_or_are_told_to_come_again_and_the_service_answers(issued: Issued) -> None:
    answers: list[int] = []

    def upload() -> None:
        with open_client(str(issued.service.client.base_url), timeout=120) as client:
            answers.append(client.post("/v1/verifications", content=b"{}", headers=PDF).status_code)

    threads = [threading.Thread(target=upload) for _ in range(40)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    assert issued.service.client.get("/healthz").status_code == 200
    asked = time.monotonic() - began
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 503}
    assert answers.count(200) >= verifying.AT_ONCE
    assert asked < 30  # it did not wait for the forty: they take longer


def test_no_more_bodies_are_read_than_there_are_places(issued: Issued) -> None:
    """Uploads that are sent halfway keep their places; whoever comes then is refused before the body is read."""
    url = issued.service.client.base_url
    head = f"POST /v1/verifications HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/pdf\r\n"
    verifier = issued.service.app.state.verifier
    halfway = []
    try:
        for _ in range(verifying.AT_ONCE + verifying.WAITING):
            halfway.append(socket.create_connection((url.host, url.port or 80)))
            halfway[-1].sendall(f"{head}Content-Length: 1000\r\n\r\n%PDF".encode())
        while verifier._present < len(halfway):
            assert issued.service.client.get("/healthz").status_code == 200
        with socket.create_connection((url.host, url.port or 80)) as refused:
            refused.settimeout(60)
            refused.sendall(f"{head}Content-Length: 33000000\r\n\r\n".encode())  # and not a byte of the body
            assert refused.recv(1000).startswith(b"HTTP/1.1 503")
    finally:
        for one in halfway:
            one.close()
    while verifier._present:
        assert issued.service.client.get("/healthz").status_code == 200
    assert issued.upload(issued.pdf).json()["outcome"] == "PASSED"


def test_one_address_is_told_to_wait(cluster: Any, tmp_path: Path) -> None:
    with (
        database_on(cluster) as database,
        serving(database.app_url, tmp_path, verifications_per_minute=2) as service,
    ):
        codes = [service.client.post("/v1/verifications", content=b"{}", headers=PDF).status_code for _ in range(3)]
        assert codes == [200, 200, 429]


def run(verifier: Verifier, data: bytes) -> dict[str, Any]:
    async def find(_: str) -> bytes | None:
        return None

    return asyncio.run(verifier.verify(data, datetime.now(UTC), find))


@pytest.mark.parametrize(
    "program",
    ["while True: pass", "bytearray(2**31)", "print('{')", "raise SystemExit(1)", "open('kept', 'w').write('x')"],
)
def test_a_process_that_takes_too_much_or_fails_is_refused(
    program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The limits hold whatever the code behind them does."""
    from attestations import limited

    start = f"import os, resource; os.chdir({str(tmp_path)!r})"
    limits = f"from attestations import limited; limited.CPU_SECONDS = 1; limited.limit(); {program}"
    if program.startswith("while"):
        limits = "from attestations import limited; limited.CPU_SECONDS = 1; limited.limit()\nwhile True: pass"
    monkeypatch.setattr(verifying, "COMMAND", (verifying.COMMAND[0], "-c", f"{start}\n{limits}"))
    assert limited.MEMORY_BYTES < 2**31
    with pytest.raises(Refusal) as refused:
        run(Verifier(b"{}"), b"x")
    assert refused.value.code == "malformed"
    assert not any(path.stat().st_size for path in tmp_path.iterdir())


def test_the_report_is_that_of_the_command(issued: Issued) -> None:
    report = issued.upload(issued.pdf).json()
    assert json.dumps(report["format"]) == '"enduse-report/1"'
    assert {"outcome", "kind", "at", "steps", "notes", "signer", "statement", "result", "leaf"} <= report.keys()
