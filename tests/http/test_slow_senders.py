"""Senders that take their time, on real sockets: each is told, or closed, and nobody holds the service open.

Invariant: no test waits by the clock; each blocks until the server answers or closes.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from api.db.session import unit_of_work
from tests.databases import TestDatabase
from tests.service import Service, serving

PATIENCE = 60
"""Seconds after which a test gives up on the server."""
SHORT = {"head_seconds": 0.4, "body_seconds": 0.4, "upload_bytes_per_second": 200_000, "keep_alive_seconds": 30}
TOKEN = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def service(database: TestDatabase, tmp_path: Path) -> Iterator[Service]:
    with serving(database.app_url, tmp_path / "data", **SHORT) as found:
        yield found


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    """Give a connection to the server."""
    url = service.client.base_url
    with socket.create_connection((url.host, url.port), PATIENCE) as found:
        yield found


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def told(answer: bytes) -> tuple[int, str]:
    """Return the status and the type of a problem."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["type"]


SLOW = (408, "urn:enduse:problem:too_slow")


def test_a_connection_that_says_nothing_is_closed(service: Service) -> None:
    with connected(service) as connection:
        assert read_all(connection) == b""


@pytest.mark.parametrize("head", [b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\r\n"])
def test_a_head_that_does_not_end_is_told_and_closed(service: Service, head: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(head)
        assert told(read_all(connection)) == SLOW


def test_a_second_head_on_a_kept_connection_has_no_more_time(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = connection.recv(65536)
        while not first.endswith(b"}"):
            first += connection.recv(65536)
        assert first.startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /hea")
        assert told(read_all(connection)) == SLOW


def test_a_half_sent_body_is_told_and_closed(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(TOKEN + b"Content-Length: 100\r\n\r\ngrant_type=")
        assert told(read_all(connection)) == SLOW


def test_a_body_that_trickles_is_told_and_closed(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(TOKEN + b"Content-Length: 100000\r\n\r\n")
        connection.settimeout(0.05)  # the pace of the sender: it sends whenever nothing has come for so long
        for _ in range(PATIENCE * 20):
            connection.sendall(b"a")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue
            assert answer.startswith(b"HTTP/1.1 408")
            return
    pytest.fail("the server has taken it for a minute")


def test_a_body_that_nobody_reads_holds_nothing_open(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"a")
        assert b"200 OK" not in read_all(connection)


def test_a_head_without_end_in_size_is_refused(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * 66_000)
        assert told(read_all(connection)) == (431, "urn:enduse:problem:head_too_large")


CHUNK, CHUNKS = 20_000, 40
END = b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("media_type", "expected"), [("multipart/form-data; boundary=x", 400), ("application/json", 408)]
)
def test_an_upload_may_take_longer_with_what_it_brings_and_nothing_else_may(
    service: Service, media_type: str, expected: int
) -> None:
    vendor = service.organisation("Quillmere", "vendor")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    action = "submission/evidence" if expected == 400 else "submission:submit"
    head = (
        f"POST /v1/disclosure-requests/{vendor.id}/{action} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Authorization: Bearer {vendor.token}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(part) + CHUNK * CHUNKS + len(END)}\r\n\r\n"
    ).encode()
    with connected(service) as connection:
        connection.sendall(head + part)
        connection.settimeout(0.03)  # the pace: together three times what a body may keep us waiting
        answer = b""
        for piece in [*[b"a" * CHUNK] * CHUNKS, END]:
            try:
                answer = connection.recv(65536)
                break
            except TimeoutError:
                connection.sendall(piece)
        connection.settimeout(PATIENCE)
        answer = answer or connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 %d" % expected)


def test_a_whole_request_is_served_beside_them(service: Service) -> None:
    with connected(service) as slow:
        slow.sendall(TOKEN + b"Content-Length: 100\r\n\r\n")
        assert service.organisation("Quillmere", "vendor").get("/v1/usage").status_code == 200
        assert told(read_all(slow)) == SLOW


def test_too_many_connections_are_told_when_to_come_again(database: TestDatabase, tmp_path: Path) -> None:
    more: dict[str, Any] = {"connections": 4, "head_seconds": PATIENCE}
    with serving(database.app_url, tmp_path / "data", **more) as service, ExitStack() as stack:
        vendor = service.organisation("Quillmere", "vendor")
        for _ in range(3):
            stack.enter_context(connected(service)).sendall(b"GET")
        refused = vendor.get("/v1/usage")
        while refused.status_code == 200:  # the server has not yet seen the others
            refused = vendor.get("/v1/usage")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:enduse:problem:busy")
        assert int(refused.headers["retry-after"]) > 0
        stack.close()
        answer = vendor.get("/v1/usage")
        while answer.status_code == 503:  # nor that they are gone
            answer = vendor.get("/v1/usage")
        assert answer.status_code == 200


def test_the_database_ends_a_statement_and_an_idle_transaction(database: TestDatabase, tmp_path: Path) -> None:
    more: dict[str, Any] = {"statement_seconds": 1.0, "idle_transaction_seconds": 1.0}
    with serving(database.app_url, tmp_path / "data", **more) as service:
        with (
            unit_of_work(service.sessions, None) as session,
            pytest.raises(OperationalError, match="statement timeout"),
        ):
            session.execute(text("select pg_sleep(60)"))
        with unit_of_work(service.sessions, None) as idle, unit_of_work(service.sessions, None) as other:
            mine = idle.scalar(text("select pg_backend_pid()"))
            alive = text("select exists (select from pg_stat_activity where pid = :pid)")
            while other.scalar(alive, {"pid": mine}):
                other.rollback()
            with pytest.raises(DBAPIError, match="idle-in-transaction"):
                idle.execute(text("select 1"))
        with unit_of_work(service.sessions, None) as session:
            assert session.scalar(text("select 1")) == 1
