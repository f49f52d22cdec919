"""The document: rendering against bare WeasyPrint, sealing, verifying against bare pyHanko."""

import asyncio
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from api import clock
from api.attesting.document.content import read
from api.attesting.document.fetching import FontFetcher, font_faces
from api.attesting.document.rendering import render, stylesheet, write_html
from attestations.pdf import seal
from attestations.signing import Signer, create_development_keys
from attestations.trust import build, parse
from attestations.verification import verify
from tests.bench.measuring import best_of, in_turns, show_most

ROUNDS = 5


def measure(bundle: bytes, signer: Signer) -> None:
    """Print the rows of documents, for a bundle as the service makes it."""
    whole, bare = in_turns(lambda: render(bundle), lambda: _draw_bare(bundle), ROUNDS)
    show_most("render the document, against bare WeasyPrint on the same page", whole / bare, 1.35, "x")
    unsigned, at = render(bundle), clock.now()
    sealing = best_of(lambda: seal(unsigned, signer, at), ROUNDS)
    show_most("  sealing, of rendering", 100 * sealing / whole, 2, "%")
    sealed, trust = seal(unsigned, signer, at), parse(build([signer.root], [signer.certificate]))
    ours, theirs = in_turns(lambda: verify(sealed, trust, clock.now()), lambda: _validate_bare(sealed, signer), ROUNDS)
    show_most("verify a genuine document, against bare pyHanko", ours / theirs, 1.5, "x")
    with TemporaryDirectory() as folder:
        stranger = create_development_keys(Path(folder) / "keys", "Stranger", date(2026, 1, 1))
    hostile = seal(unsigned, stranger, at)
    for name, data in (
        ("of a stranger's key", hostile),
        ("with a bit flipped", _flip(sealed)),
        ("cut short", sealed[:-9]),
    ):
        cost = best_of(lambda data=data: verify(data, trust, clock.now()), ROUNDS)  # type: ignore[misc]  # a default argument
        show_most(f"refuse a document {name}", cost, 250, "ms")


def _draw_bare(bundle: bytes) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts, fetcher = FontConfiguration(), FontFetcher()
    style = CSS(string=font_faces() + stylesheet(), font_config=fonts, url_fetcher=fetcher)
    page = HTML(string=write_html(read(bundle)), url_fetcher=fetcher)
    pdf: bytes = page.write_pdf(stylesheets=[style], font_config=fonts)
    return pdf


def _validate_bare(sealed: bytes, signer: Signer) -> Any:
    from asn1crypto import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    root = x509.Certificate.load(signer.root.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    embedded = PdfFileReader(BytesIO(sealed)).embedded_signatures[0]
    return asyncio.run(async_validate_pdf_signature(embedded, signer_validation_context=context))


def _flip(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    return bytes(changed)
