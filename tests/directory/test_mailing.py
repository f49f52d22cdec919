"""Claims by e-mail: the token reaches, by SMTP, a mailbox at the record's domain that only those who run it have."""

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from api import clock
from api.directory.mailing import Relay, mail_claim
from api.settings import Settings
from tests.directory.parties import complete, flaws, name_vendor, send, start, taken_over
from tests.directory.servers import Mailboxes
from tests.service import Party, Service

NOWHERE = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def entry(issuer: Party) -> dict[str, Any]:
    """Return a record with a domain, named by an investor."""
    return name_vendor(issuer, domain="quillmere.example")


def token_in(mailboxes: Mailboxes) -> str:
    """Return the token of the last mail."""
    (line,) = [line for line in mailboxes.mails[-1].get_content().splitlines() if line.startswith("token:")]
    return line.split()[1]


def test_the_token_is_mailed_and_completes_the_claim(
    equipped: Service, entry: dict[str, Any], mailboxes: Mailboxes
) -> None:
    claim = start(equipped, entry["id"], method="email", mailbox="postmaster")
    assert claim["token"] is None
    assert mailboxes.mails == []
    assert equipped.render() == 1
    (mail,) = mailboxes.mails
    assert (mail["To"], mail["From"]) == ("postmaster@quillmere.example", "enduse@operator.example")
    assert claim["id"] in mail.get_content()
    assert "Aster" not in mail.as_string()
    vendor = taken_over(equipped, complete(equipped, entry["id"], claim["id"], token_in(mailboxes)))
    assert vendor.get(f"/v1/organisations/{entry['id']}").json()["proof"] == "email"


def test_no_row_and_no_job_holds_the_token(equipped: Service, entry: dict[str, Any], mailboxes: Mailboxes) -> None:
    start(equipped, entry["id"], method="email", mailbox="admin")
    equipped.render()
    token = token_in(mailboxes)
    with psycopg.connect(equipped.superuser_url) as connection:
        rows = connection.execute("select c::text from claim c union all select j::text from procrastinate_jobs j")
        texts = [text for (text,) in rows]
    assert len(texts) == 2
    assert not any(token in text for text in texts)


def test_before_it_is_mailed_nothing_completes_it(equipped: Service, entry: dict[str, Any]) -> None:
    claim = start(equipped, entry["id"], method="email", mailbox="admin")
    assert complete(equipped, entry["id"], claim["id"], "A" * 43).status_code == 404


def test_a_failed_delivery_is_tried_again_with_a_new_token(
    equipped: Service, entry: dict[str, Any], mailboxes: Mailboxes
) -> None:
    claim = start(equipped, entry["id"], method="email", mailbox="admin")
    job = {"tenant": UUID(entry["id"]), "claim": UUID(claim["id"])}
    mailboxes.refuses = True
    for _ in range(6):  # a relay that is down does not use up what a record may be sent
        with pytest.raises(OSError, match="451"):
            mail_claim(equipped.sessions, equipped.settings, **job)
    mailboxes.refuses = False
    mail_claim(equipped.sessions, equipped.settings, **job)
    mail_claim(equipped.sessions, equipped.settings, **job)  # a second run does nothing
    assert len(mailboxes.mails) == 1
    taken_over(equipped, complete(equipped, entry["id"], claim["id"], token_in(mailboxes)))


@pytest.mark.parametrize("case", ["nowhere", "acting", "no domain", "contested"])
def test_nothing_is_mailed_where_nobody_can_claim(
    equipped: Service, issuer: Party, mailboxes: Mailboxes, case: str
) -> None:
    if case == "nowhere":
        id_ = NOWHERE
    elif case == "acting":
        made = {"name": "Tarnbrook", "roles": ["vendor"], "domain": "tarnbrook.example"}
        id_ = equipped.operator.post("/v1/organisations", made).json()["id"]
    elif case == "no domain":
        id_ = name_vendor(issuer)["id"]
    else:
        number = {"country": "XA", "number": "1"}
        id_ = name_vendor(issuer, register=number, domain="quillmere.example")["id"]
        name_vendor(equipped.organisation("Basil", "investor"), status=200, register=number, domain="other.example")
    start(equipped, id_, method="email", mailbox="admin")
    assert equipped.render() == 1
    assert mailboxes.mails == []


def test_a_domain_corrected_since_is_no_proof(equipped: Service, entry: dict[str, Any], mailboxes: Mailboxes) -> None:
    claim = start(equipped, entry["id"], method="email", mailbox="admin")
    equipped.render()
    corrected = {"domain": "quillmere-group.example", "reason": "The first was a namesake's"}
    equipped.operator.patch(f"/v1/organisations/{entry['id']}", corrected)
    assert complete(equipped, entry["id"], claim["id"], token_in(mailboxes)).status_code == 409


def test_a_mailbox_is_not_flooded(equipped: Service, entry: dict[str, Any], mailboxes: Mailboxes) -> None:
    answers = [start(equipped, entry["id"], method="email", mailbox="admin") for _ in range(7)]
    equipped.render()
    assert len(mailboxes.mails) == 5
    assert len({tuple(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"method": "email"}, {"/mailbox": "mailbox"}),
        ({"method": "dns", "mailbox": "admin"}, {"/mailbox": "mailbox"}),
        ({"method": "email", "mailbox": "intern"}, {"/mailbox": "literal_error"}),
        ({"method": "email", "mailbox": "admin@attacker.example"}, {"/mailbox": "literal_error"}),
        ({"method": "pigeon"}, {"/method": "literal_error"}),
    ],
)
def test_a_mailbox_is_one_of_a_closed_list(equipped: Service, body: dict[str, str], expected: dict[str, str]) -> None:
    assert flaws(send(equipped, f"/v1/organisations/{NOWHERE}/claims", body)) == expected


def test_an_installation_without_a_relay_says_so(service: Service) -> None:
    body = {"method": "email", "mailbox": "admin"}
    assert flaws(send(service, f"/v1/organisations/{NOWHERE}/claims", body)) == {"/method": "not_offered"}


def test_a_relay_without_encryption_gets_nothing_unless_the_settings_say_so(
    equipped: Service, mailboxes: Mailboxes
) -> None:
    cautious = Relay(equipped.settings.model_copy(update={"smtp_starttls": True}))
    with pytest.raises(OSError, match="STARTTLS"):
        cautious.send("admin@quillmere.example", "Subject", "Text")
    assert mailboxes.mails == []
    Relay(equipped.settings).send("admin@quillmere.example", "Subject", "Text")
    assert len(mailboxes.mails) == 1


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """Return what a relay called localhost proves itself with, and the certificate to trust for it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    begin, end = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin, end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = tmp_path / "relay.pem", tmp_path / "relay.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, secret)
    return context, chain


def test_a_relay_is_encrypted_to_and_must_prove_its_name(
    certified: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, chain = certified
    with Mailboxes(context) as server:
        settings = Settings(smtp_host="localhost", smtp_port=server.port, mail_from="enduse@operator.example")
        with pytest.raises(ssl.SSLCertVerificationError):
            Relay(settings).send("admin@quillmere.example", "Subject", "Text")
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        with pytest.raises(ssl.SSLCertVerificationError):
            Relay(settings.model_copy(update={"smtp_host": "127.0.0.1"})).send("a@quillmere.example", "Subject", "Text")
        assert server.mails == []
        Relay(settings).send("admin@quillmere.example", "Subject", "Text")
        assert len(server.mails) == 1


def test_a_relay_without_a_sender_is_no_setting() -> None:
    with pytest.raises(ValidationError, match="mail_from"):
        Settings(smtp_host="localhost")
    plain = Settings(smtp_host="localhost", mail_from="a@operator.example", smtp_starttls=False)
    assert any("STARTTLS" in problem for problem in plain.insecurities())
