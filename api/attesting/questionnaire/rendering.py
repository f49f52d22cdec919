"""Draw the printable questionnaire: templates to HTML, HTML to a tagged PDF.

Invariants: all text is escaped on its way into the page, and all of it passes through `show`; there is no date in the
file, and its identifier is the definition's digest; WeasyPrint runs with the bundled fonts and no other source.
Source: ISO 14289-1 (PDF/UA-1) for tags.
"""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.attesting.document.glyphs import print_value
from api.attesting.questionnaire.content import Content, read
from questionnaires.definition import Questionnaire

VARIANT = "pdf/ua-1"
UNITS = {
    "integer": "whole number", "decimal": "number", "percent": "%", "money": "amount, currency",
    "date": "year, month, day", "date_range": "from, to", "area": "country or territory", "product": "your product",
    "yes_partial_no": "yes, in part, no", "organisation": "name, country",
}  # fmt: skip
"""What a table's column takes, by kind, where its label does not say it."""


def render(questionnaire: Questionnaire) -> bytes:
    """Return the PDF of an empty questionnaire; the same questionnaire gives the same bytes."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from api.attesting.document.fetching import FontFetcher, font_faces
    from api.attesting.document.tagging import name_headers

    content = read(questionnaire)
    fonts, fetcher = FontConfiguration(), FontFetcher()
    style = font_faces() + stylesheet()
    pdf: bytes = HTML(string=write_html(content), url_fetcher=fetcher).write_pdf(
        stylesheets=[CSS(string=style, font_config=fonts, url_fetcher=fetcher)],
        font_config=fonts,
        finisher=name_headers,
        pdf_variant=VARIANT,
        pdf_identifier=content.digest.partition(":")[2][:32].encode("ascii"),
    )
    return pdf


def write_html(content: Content) -> str:
    """Return the page that is drawn, every value escaped."""
    return _templates().get_template("questionnaire.html").render(content=content)


@cache
def stylesheet() -> str:
    """Return the style of the print, without the fonts."""
    environment = _templates()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "questionnaire.css")[0]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.attesting.questionnaire"), autoescape=True, undefined=StrictUndefined,
        finalize=print_value, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["units"] = UNITS
    return environment
