"""Documents are sealed with a timestamp where an authority is named, and wait for it where it fails."""

import http.server
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding

from api import keys
from api.attesting.stamping import open_authority, seal_document
from api.jobs.registry import HANDLERS, load_handler
from api.settings import Settings
from api.trust_file import TIMESTAMP_ROOTS
from attestations.byte_range import find_signed_bytes
from attestations.policy import Policy
from attestations.report import Status
from attestations.signature import check_bytes
from attestations.timestamp import read
from attestations.timestamp_request import MAX_REPLY, TimestampError, read_reply, write_request
from attestations.trust import parse
from attestations.verification import verify
from tests.attestations.authority import Authority, answering
from tests.service import Service, grade_all, submit_case

NOW = datetime.now(UTC)
Answer = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stamps") / "tsa", NOW)


def name_root(service: Service, authority: Authority) -> Path:
    file = keys.folder_of(service.settings) / TIMESTAMP_ROOTS
    file.write_bytes(authority.root.public_bytes(Encoding.PEM))
    return file


def attest(service: Service) -> tuple[Any, dict[str, Any]]:
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    submission = submit_case(investor, vendor, "f8")["submission"]
    grade_all(investor, submission, "V2")
    made = investor.post("/v1/attestations", {"submission": submission}).json()
    return investor, made


def render(service: Service, settings: Settings) -> None:
    """Do the waiting jobs as a worker with other settings would."""
    from uuid import UUID

    for task, arguments in service._take_jobs():
        load_handler(HANDLERS[task])(service.sessions, settings, **{key: UUID(id_) for key, id_ in arguments.items()})


def test_a_document_waits_for_its_timestamp(service: Service, authority: Authority) -> None:
    file = name_root(service, authority)
    try:
        investor, made = attest(service)
        path = f"/v1/attestations/{made['id']}.pdf"
        with answering(lambda _: b"", status=503) as address, pytest.raises(TimestampError, match="503"):
            render(service, service.settings.model_copy(update={"tsa_url": address}))
        assert investor.get(path).status_code == 202, "no document without its timestamp"
        investor.post("/v1/attestations", {"submission": made["submission"]})  # asks for the document again
        with answering(authority.reply) as address:
            settings = service.settings.model_copy(update={"tsa_url": address})
            render(service, settings)
            trust = parse(keys.load(settings).trust)
        report = verify(investor.get(path).content, trust, datetime.now(UTC), policy=Policy(timestamp_required=True))
        assert report.proven_at is not None
        assert report.steps[7].status is Status.PASSED
        assert trust.timestamp_roots == (authority.root,)
    finally:
        file.unlink()


def settings_in(folder: Path, address: str, **more: Any) -> Settings:
    settings = Settings(data_folder=folder, tsa_url=address, **more)
    keys.load(settings.model_copy(update={"tsa_url": None}))
    return settings


def test_only_a_setting_lets_a_document_go_without(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.attestations.conftest import make_bundle, render_pdf

    with answering(lambda _: b"", status=500) as address:
        settings = settings_in(tmp_path, address)
        (tmp_path / "keys" / TIMESTAMP_ROOTS).write_bytes(authority.root.public_bytes(Encoding.PEM))
        signer = keys.load(settings).signer
        pdf = render_pdf(make_bundle(signer))
        with pytest.raises(TimestampError):
            seal_document(pdf, signer, NOW, settings)
        sealed = seal_document(pdf, signer, NOW, settings.model_copy(update={"tsa_required": False}))
    signed = find_signed_bytes(sealed)
    first, second = signed.byte_range[1:3]
    place = pdf.rindex(b"<<    ", 0, second) + 2
    assert (len(sealed), sealed[:place], sealed[second:]) == (len(pdf), pdf[:place], pdf[second:])
    assert place < first
    assert check_bytes(signed, [signer.root]).token is None
    assert "without a timestamp" in caplog.text


def test_an_authority_without_its_root_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="timestamp authority") as refused:
        keys.load(settings_in(tmp_path, "http://127.0.0.1:9/"))
    assert refused.value.filename.endswith(TIMESTAMP_ROOTS)


@pytest.mark.parametrize("address", ["tsa.example", "ftp://tsa.example/", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="must be an http"):
        Settings(tsa_url=address)


def ask(address: str, authority: Authority, seconds: float = 5) -> bytes:
    return open_authority(address, seconds, [authority.root])(b"signature")


def test_a_token_is_fetched_in_its_one_form(authority: Authority) -> None:
    with answering(authority.reply) as address:
        token = read(ask(address, authority), b"signature")
    assert token.certificate == authority.certificate
    assert token.nonce is not None


def other_nonce(authority: Authority) -> Answer:
    return lambda _: authority.reply(write_request(b"signature", 1))


def other_signature(authority: Authority) -> Answer:
    def answer(request: bytes) -> bytes:
        return authority.reply(write_request(b"other", tsp.TimeStampReq.load(request)["nonce"].native))

    return answer


REJECTION = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {"bad_alg"}}).dump()
BAD: dict[str, tuple[Callable[[Authority], Answer], dict[str, Any], str]] = {
    "another nonce": (other_nonce, {}, "another request"),
    "another signature": (other_signature, {}, "not over this signature"),
    "refused": (lambda _: lambda _: b"\x30" + bytes([len(REJECTION)]) + REJECTION, {}, "refused: rejection"),
    "nothing": (lambda _: lambda _: b"", {}, "cannot be read"),
    "garbage": (lambda _: lambda _: b"\x30\x82" * 500, {}, "cannot be read"),
    "too much": (lambda _: lambda _: bytes(MAX_REPLY + 1), {}, "too large"),
    "another type": (lambda authority: authority.reply, {"kind": "text/html"}, "no timestamp reply"),
    "another status": (lambda authority: authority.reply, {"status": 302}, "HTTP status 302"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reply_that_is_not_one_is_not_used(name: str, authority: Authority) -> None:
    make, options, said = BAD[name]
    with answering(make(authority), **options) as address, pytest.raises(TimestampError, match=said):
        ask(address, authority)


def test_a_stranger_is_not_used(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "tsa", NOW)
    with answering(stranger.reply) as address, pytest.raises(TimestampError, match="no timestamp root"):
        ask(address, authority)


def test_a_clock_that_is_wrong_is_told(authority: Authority) -> None:
    reply = authority.reply(write_request(b"signature", 5))
    for year in (2025, 2090):
        with pytest.raises(TimestampError, match="clock"):
            read_reply(reply, b"signature", 5, [authority.root], NOW.replace(year=year))


def test_an_authority_that_is_not_there(authority: Authority) -> None:
    with pytest.raises(TimestampError, match="cannot be reached: ConnectError"):
        ask("http://127.0.0.1:9/", authority)


def test_an_authority_that_drips(authority: Authority) -> None:
    """Every byte comes in time, and the whole does not."""
    over = threading.Event()

    class Dripping(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            while not over.wait(0.05):
                try:
                    self.wfile.write(b"0")
                except OSError:
                    return

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with ExitStack() as stack:
        server = stack.enter_context(http.server.HTTPServer(("127.0.0.1", 0), Dripping))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        stack.callback(over.set)
        with pytest.raises(TimestampError, match="too slow"):
            ask(f"http://127.0.0.1:{server.server_address[1]}/", authority, seconds=0.5)
