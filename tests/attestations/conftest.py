"""Keys, a statement, a bundle and a sealed PDF, all made by the real code."""

import hashlib
import os
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from attestations import bundle as bundles
from attestations import disclosure, statement
from attestations import trust as trusts
from attestations.pdf import seal
from attestations.signing import Signer, create_development_keys
from questionnaires.canonical import digest

KEYS_FROM = date(2026, 11, 1)
ISSUED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
AT = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
UUID = "01939f00-0000-7000-8000-00000000000{}"


class Keys(NamedTuple):
    """A trusted signer, and one whose root and certificate bear the very same names."""

    signer: Signer
    lookalike: Signer


def salt(number: int) -> bytes:
    return hashlib.sha256(b"test salt %d" % number).digest()[:16]


def answer_leaf(question: str, *, row: str | None = None, group: str = "company") -> dict[str, Any]:
    return {
        "kind": "answer",
        "group": group,
        "row": row,
        "question": question,
        "answer": {"state": "answered", "value": {"policy": "yes"}},
        "evidence": [],
    }


def statement_content(**changes: Any) -> dict[str, Any]:
    return {
        "format": "enduse-statement/1",
        "attestation": UUID.format(1),
        "issued_at": "2026-11-25T09:00:00Z",
        "issuer": {"id": UUID.format(2), "name": "Fjordfund"},
        "respondent": {"id": UUID.format(3), "name": "CityFace"},
        "request": {"id": UUID.format(4), "issued_at": "2026-11-01T09:00:00Z", "due_on": "2027-01-31"},
        "declaration": {
            "submission": UUID.format(5),
            "sealed_at": "2026-11-24T09:00:00Z",
            "declared_by": {"name": "A. Person", "role": "Counsel"},
        },
        "questionnaire": {"id": "q", "revision": "1", "title": "Q", "digest": digest({"id": "q"})},
        "criteria": {"id": "c", "revision": "1", "engine": 1, "digest": digest({"id": "c"})},
        "context": {"id": "x", "revision": "1", "digest": digest({}), "used_digest": digest({"id": "x"})},
        "assessed_on": "2026-11-25",
        "leaves": [],
        "result": {"company": {"band": "high"}},
        "not_checked": ["Whether the answers are true."],
        **changes,
    }


LEAVES = [answer_leaf("GOV-01"), answer_leaf("GOV-02"), answer_leaf("GOV-03")]


def make_bundle(signer: Signer, **changes: Any) -> bytes:
    """Return a bundle that discloses two of three leaves; `changes` go into the statement."""
    disclosed = [disclosure.disclose(leaf, salt(number)) for number, leaf in enumerate(LEAVES)]
    leaves = [disclosure.leaf_digest(one["salt"], one["leaf"]) for one in disclosed]
    payload = statement.build(statement_content(**changes), leaves=leaves)
    return bundles.build(
        envelope=signer.sign_envelope(payload),
        disclosures=disclosed[:2],
        questionnaire={"id": "q"},
        criteria={"id": "c"},
        context={"id": "x"},
    )


def render_pdf(bundle: bytes, *, name: str = bundles.FILE_NAME, more: tuple[bytes, ...] = ()) -> bytes:
    """Return a PDF/A-3a with the bundle as associated file; the renderer of the service works alike."""
    from weasyprint import HTML, Attachment

    files = [(name, bundle), *((f"more-{at}.txt", one) for at, one in enumerate(more))]
    page = HTML(string="<html lang=en><title>Attestation</title><h1>Attestation</h1><p>Text of the page.</p></html>")
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves its colour profile open (pdf/__init__.py, sRGB2014.icc)
        warnings.simplefilter("ignore", ResourceWarning)
        pdf: bytes = page.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=b"0123456789abcdef",
            attachments=[
                Attachment(string=content, name=title, relationship="Source", created=ISSUED, modified=ISSUED)
                for title, content in files
            ],
        )
    return pdf


class Forge(NamedTuple):
    """The builders, for tests that make their own bundle or PDF."""

    bundle: Any = make_bundle
    pdf: Any = render_pdf
    content: Any = statement_content
    leaf: Any = answer_leaf
    salt: Any = salt
    at: datetime = AT
    issued: datetime = ISSUED


@pytest.fixture(scope="session")
def forge() -> Forge:
    return Forge()


@pytest.fixture(scope="session", autouse=True)
def _fixed_dates() -> Iterator[None]:
    """WeasyPrint takes the document's dates from here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SOURCE_DATE_EPOCH", "1795597200")
        yield


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    return Keys(*(create_development_keys(folder / name, "Test Org", KEYS_FROM) for name in ("real", "lookalike")))


@pytest.fixture(scope="session")
def trust(keys: Keys) -> trusts.Trust:
    return trusts.parse(trusts.build([keys.signer.root], [keys.signer.certificate]))


@pytest.fixture(scope="session")
def bundle(keys: Keys) -> bytes:
    return make_bundle(keys.signer)


@pytest.fixture(scope="session")
def plain(bundle: bytes) -> bytes:
    return render_pdf(bundle)


@pytest.fixture(scope="session")
def sealed(plain: bytes, keys: Keys) -> bytes:
    return seal(plain, keys.signer, ISSUED)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to connect or to look up a name an error."""
    import socket

    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("the verifier must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
