"""Timestamp authorities that really run: `openssl ts` behind a loopback handler, with roots of our own."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from attestations import signing
from attestations.timestamp import normalise
from attestations.timestamp_request import REPLY_TYPE, write_request
from tests.programs import find_program

CONFIGURATION = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa-key.pem
signer_digest = {digest}
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = {naming}
"""
STAMPING = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),)
Extensions = Sequence[tuple[x509.ExtensionType, bool]]


class Authority:
    """A timestamp authority: a root, a certificate that it issued, and OpenSSL, which answers requests."""

    def __init__(
        self, folder: Path, on: datetime, *, extensions: Extensions = STAMPING, kind: str = "ec",
        digest: str = "sha256", naming: str = "sha256", days: int = 700,
    ) -> None:  # fmt: skip
        folder.mkdir(parents=True)
        self.folder = folder
        day = on.date()
        root_key = ec.generate_private_key(ec.SECP256R1())
        self.root = signing.issue_root(root_key, "Stamp root", "Stamps", day)
        key: Any = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
        start = datetime.combine(day, time(0), tzinfo=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(signing._name("Stamper", "Stamps"))
            .issuer_name(self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=days))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        self.certificate = builder.sign(root_key, hashes.SHA256())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa-key.pem").write_bytes(pem)
        (folder / "tsa.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "root.pem").write_bytes(self.root.public_bytes(Encoding.PEM))
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(CONFIGURATION.format(folder=folder, digest=digest, naming=naming))

    def reply(self, request: bytes) -> bytes:
        """Return OpenSSL's reply to a request."""
        (self.folder / "request.tsq").write_bytes(request)
        subprocess.run(
            [
                find_program("openssl"), "ts", "-reply", "-config", "ts.cnf", "-section", "tsa",
                "-queryfile", "request.tsq", "-out", "reply.tsr",
            ],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()

    def raw_token(self, signature: bytes) -> bytes:
        """Return a token as OpenSSL makes it."""
        from asn1crypto import tsp

        reply = tsp.TimeStampResp.load(self.reply(write_request(signature, 2**63 + 7)))
        token: bytes = reply["time_stamp_token"].dump()
        return token

    def stamp(self, signature: bytes) -> bytes:
        """Return a token in its one form, whatever its time and its certificate."""
        return normalise(self.raw_token(signature), signature).der


@contextmanager
def answering(answer: Callable[[bytes], bytes], *, status: int = 200, kind: str = REPLY_TYPE) -> Iterator[str]:
    """Serve one answer to every POST on a loopback port; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
