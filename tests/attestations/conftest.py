"""Keys, a statement, a bundle and a sealed PDF, all made by the real code."""

import os
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from api.attesting.document.place import reserve
from attestations import bundle as bundles
from attestations import disclosure, statement
from attestations import trust as trusts
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.report import Outcome, Report, Status
from attestations.signing import Signer, create_development_keys
from questionnaires.revisions import revision_json
from tests.attestations.exercise import Exercise, released, salt, statement_content

KEYS_FROM = date(2026, 11, 1)
ISSUED = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
AT = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


class Keys(NamedTuple):
    """A trusted signer, and one whose root and certificate bear the very same names."""

    signer: Signer
    lookalike: Signer


def answer_leaf(question: str, *, row: str | None = None, group: str = "company") -> dict[str, Any]:
    return {
        "kind": "answer",
        "group": group,
        "row": row,
        "question": question,
        "answer": {"state": "answered", "value": {"policy": "yes"}},
        "evidence": [],
    }


LEAVES = [answer_leaf("GOV-01"), answer_leaf("GOV-02"), answer_leaf("GOV-03")]


def make_bundle(signer: Signer, **changes: Any) -> bytes:
    """Return a bundle that discloses two of three leaves; `changes` go into the statement."""
    disclosed = [disclosure.disclose(leaf, salt(number)) for number, leaf in enumerate(LEAVES)]
    leaves = [disclosure.leaf_digest(one["salt"], one["leaf"]) for one in disclosed]
    payload = statement.build(statement_content(**changes), leaves=leaves)
    questionnaire, criteria, context = released()
    return bundles.build(
        envelope=signer.sign_envelope(payload),
        disclosures=disclosed[:2],
        questionnaire=revision_json(questionnaire),
        criteria=revision_json(criteria),
        context=revision_json(context.used([])),
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
            finisher=lambda _document, pdf: reserve(pdf, stamped=True),
            attachments=[
                Attachment(string=content, name=title, relationship="Source", created=ISSUED, modified=ISSUED)
                for title, content in files
            ],
        )
    return pdf


def failure(report: Report) -> tuple[int, Reason]:
    """Return the step that failed and its reason; the steps after it did not run."""
    assert report.outcome is Outcome.FAILED
    (step,) = [step for step in report.steps if step.status is Status.FAILED]
    later = [later.status for later in report.steps if later.number > step.number]
    assert later == [Status.NOT_RUN] * len(later)
    return step.number, step.reason


class Forge(NamedTuple):
    """The builders, for tests that make their own bundle or PDF."""

    bundle: Any = make_bundle
    pdf: Any = render_pdf
    content: Any = statement_content
    leaf: Any = answer_leaf
    salt: Any = salt
    exercise: Any = Exercise
    failure: Any = failure
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
