"""Draw the document: templates to HTML, HTML to a tagged PDF/A-3a that embeds the bundle.

Invariants: all text is escaped on its way into the page, and all of it passes through `show`; dates and the file
identifier come from the bundle; WeasyPrint runs with the bundled fonts and no other source.
Source: ISO 19005-3 (PDF/A-3) for associated files, ISO 14289-1 (PDF/UA-1) for tags.
"""

import hashlib
from functools import cache, partial
from io import BytesIO
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.attesting.document import wording
from api.attesting.document.content import Content, read
from api.attesting.document.copies import CopyContent, is_copy, read_copy
from api.attesting.document.glyphs import print_value
from api.attesting.document.holds import name_code
from attestations.bundle import FILE_NAME
from attestations.statement import read_instant

VARIANT = "pdf/a-3a"
PROFILE = "srgb2014"
MEDIA_NOTE = "The signed statement with the disclosed answers and the revisions that scored them"


def render(bundle_bytes: bytes, *, stamped: bool = False) -> bytes:
    """Return the unsigned PDF of a bundle, or of a copy that shows less; the same bundle gives the same bytes.

    `stamped`: its seal will carry a timestamp, and needs more room. Raises RefusedError for a malformed bundle,
    DocumentError where its answers do not give the result that it states.
    """
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    from api.attesting.document.fetching import FontFetcher, font_faces
    from api.attesting.document.tagging import finish

    content = read_copy(bundle_bytes) if is_copy(bundle_bytes) else read(bundle_bytes)
    issued_at = read_instant(content.statement.issued_at)
    fonts, fetcher = FontConfiguration(), FontFetcher()
    style = font_faces() + stylesheet()
    pdf: bytes = HTML(string=write_html(content), url_fetcher=fetcher).write_pdf(
        stylesheets=[CSS(string=style, font_config=fonts, url_fetcher=fetcher)],
        font_config=fonts,
        color_profiles={PROFILE: _profile()},
        output_intent=PROFILE,
        finisher=partial(finish, stamped=stamped),
        pdf_variant=VARIANT,
        pdf_identifier=hashlib.sha256(bundle_bytes).hexdigest()[:32].encode("ascii"),
        attachments=[
            Attachment(
                string=bundle_bytes, name=FILE_NAME, description=MEDIA_NOTE, relationship="Source",
                created=issued_at, modified=issued_at, url_fetcher=fetcher,
            )
        ],
    )  # fmt: skip
    return pdf


def write_html(content: Content | CopyContent) -> str:
    """Return the page that is drawn, every value escaped."""
    template = "copy.html" if isinstance(content, CopyContent) else "document.html"
    return _templates().get_template(template).render(content=content)


@cache
def stylesheet() -> str:
    """Return the style of the document, without the fonts."""
    environment = _templates()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "document.css")[0]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.attesting.document"), autoescape=True, undefined=StrictUndefined,
        finalize=print_value, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    forms = (
        wording.day, wording.moment, wording.short, wording.counted, wording.word_band,
        wording.word_range, wording.word_computed, wording.word_involvement, wording.shape_of, name_code,
    )  # fmt: skip
    environment.filters.update({form.__name__: form for form in forms})
    environment.globals["shapes"] = wording.SHAPES
    environment.globals["not_rated_shape"] = wording.NOT_RATED_SHAPE
    return environment


def _profile() -> Any:
    """Return WeasyPrint's colour profile, read to its end; its own reading leaves the file open."""
    from importlib.resources import files

    from weasyprint.css import ColorProfile

    profile = (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    channels = (["r"], ["g"], ["b"])
    return ColorProfile(BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", channels)
