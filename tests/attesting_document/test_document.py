"""The document: the same bytes every time, the bundle inside, every signed figure on its pages, nothing fetched."""

import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from api.attesting.document import DocumentError, render
from api.attesting.document.content import read
from api.attesting.document.fetching import SCHEME, FontFetcher
from api.attesting.document.glyphs import BREAK, FACES, drawable, show
from api.attesting.document.rendering import write_html
from attestations import bundle as bundles
from attestations import statement
from attestations.pdf import extract_bundle, seal
from attestations.reasons import RefusedError
from attestations.signing import Signer
from attestations.statement import read_instant
from attestations.trust import build, parse
from attestations.verification import verify
from tests.programs import find_program

MakeBundle = Callable[..., bytes]
MOST_SECONDS = 12
"""CPU seconds: without breaks the text below takes four times as long, with them a tenth."""
FORBIDDEN = ("compliant", "compliance with", "does not violate", "certified", "safe to", "approved by")
HOSTILE = "<img src=file:///etc/passwd>\u202eevil\u202c" + "W" * 200 + "\U0001f600 مراقبة 海康 שלום \x00</svg>{{ 7*7 }}"


class Text(HTMLParser):
    """The words of a page, without its head and its drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.hidden += tag in {"head", "svg"}

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"head", "svg"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def words_of(html: str) -> str:
    text = Text()
    text.feed(html)
    return " ".join(" ".join(text.words).split())


def page_of(bundle: bytes) -> str:
    return words_of(write_html(read(bundle)))


def first_page_of(bundle: bytes) -> str:
    return page_of(bundle).partition(" Deployments Worst first.")[0]


def stated(bundle: bytes) -> dict[str, Any]:
    return statement.parse(bundles.parse(bundle).envelope.payload_bytes).result


def names_hostile(case: dict[str, Any]) -> None:
    case["vendor"]["name"] = HOSTILE
    for group in ("product", "deployment"):
        for row in case["document"][group].values():
            row["name"] = HOSTILE
    case["document"]["company"]["SCP-01"]["value"]["entities"] = HOSTILE + "\n\n" + "x" * 3000


def run(name: str, pdf: bytes, folder: Path, *options: str) -> str:
    file = folder / "document.pdf"
    file.write_bytes(pdf)
    done = subprocess.run([find_program(name), *options, file, *(["-"] if name == "pdftotext" else [])],
                          capture_output=True, text=True, check=True)  # fmt: skip
    return done.stdout


def test_the_same_bundle_gives_the_same_bytes(cameras: bytes, cameras_pdf: bytes) -> None:
    assert render(cameras) == cameras_pdf


def test_another_bundle_gives_another_file_identifier(cameras_pdf: bytes, silence: bytes) -> None:
    assert cameras_pdf[-200:] != render(silence)[-200:]


def test_the_bundle_comes_back_as_it_went_in(cameras: bytes, cameras_pdf: bytes) -> None:
    assert extract_bundle(cameras_pdf) == cameras


def test_the_file_says_what_it_is(cameras_pdf: bytes) -> None:
    root = PdfFileReader(BytesIO(cameras_pdf)).root
    packet = root["/Metadata"].data
    for mark in (b'pdfaid:part="3"', b'pdfaid:conformance="A"', b"<pdfuaid:part>1</pdfuaid:part>", b"Tarnbrook Optics"):
        assert mark in packet
    assert packet.count(b"<rdf:RDF") == 1
    assert root["/Lang"] == "en"
    assert len(root["/AF"]) == 1
    file = root["/AF"][0]
    assert file["/AFRelationship"] == "/Source"
    assert file["/EF"]["/F"]["/Subtype"] == "/application/json"


def test_the_sealed_document_passes_every_step_of_verification(cameras_pdf: bytes, signer: Signer) -> None:
    at = read_instant("2026-11-25T09:00:05Z")
    trust = parse(build([signer.root], [signer.certificate]))
    report = verify(seal(cameras_pdf, signer, at), trust, at)
    assert [step.status.value for step in report.steps] == ["passed"] * 5 + ["not applicable"] * 5


@pytest.mark.parametrize("name", ["f2", "f4b", "f5", "f8"])
def test_every_figure_of_the_result_stands_on_the_pages(name: str, make_bundle: MakeBundle) -> None:
    bundle = make_bundle(name)
    first, whole, result = first_page_of(bundle), page_of(bundle), stated(bundle)
    company, coverage = result["company"], result["coverage"]
    for figure in (company["residual"], company["residual_low"], company["band_low"], company["band"]):
        assert figure in first
    assert f"{company['people_in_high_or_severe']:,}" in first
    assert f"{company['deployments']} declared" in first
    assert f"{coverage['answered']} of {coverage['asked']} questions" in first
    assert f"{coverage['with_evidence']} of them with evidence" in first
    for row in result["deployments"]:
        for key in ("buyer_risk", "end_use_risk", "inherent", "mitigation", "residual", "residual_low"):
            assert row[key] in whole


def test_the_printed_pages_say_the_same(cameras: bytes, cameras_pdf: bytes, tmp_path: Path) -> None:
    first = " ".join(run("pdftotext", cameras_pdf, tmp_path, "-l", "1").split())
    assert "Tarnbrook Optics" in first
    assert stated(cameras)["company"]["residual"] in first
    assert "Attestation 01939f00-0000-7000-8000-000000000001" in first
    assert "Page 1 of" in first


def test_all_that_was_not_checked_stands_on_the_first_page(cameras: bytes) -> None:
    found = statement.parse(bundles.parse(cameras).envelope.payload_bytes)
    assert found.not_checked
    assert [sentence for sentence in found.not_checked if sentence not in first_page_of(cameras)] == []


def test_every_digest_stands_in_full(cameras: bytes) -> None:
    found, whole = statement.parse(bundles.parse(cameras).envelope.payload_bytes), page_of(cameras)
    for digest in (
        found.questionnaire.digest, found.criteria.digest, found.context.digest, found.context.used_digest,
        read(cameras).bundle_digest,
    ):  # fmt: skip
        assert digest in whole


def test_deployments_stand_worst_first(cameras: bytes) -> None:
    content = read(cameras)
    residuals = [float(view.figures["residual"]) for view in content.deployments]
    assert residuals == sorted(residuals, reverse=True)
    assert len(set(residuals)) == 4
    assert [view.mark for view in content.deployments] == ["A", "B", "C", "D"]
    html = write_html(content)
    headings = [html.index(f"<h3>{view.mark} · ") for view in content.deployments]
    assert headings == sorted(headings)


def test_what_is_open_is_called_open_and_not_rated_is_a_range(silence: bytes) -> None:
    first, whole = first_page_of(silence), page_of(silence)
    assert "not rated : low to severe" in first
    assert "0 told where risk is, or may be, high or severe; not told for 1 such row" in first
    assert "Open: not answered" in whole
    assert "open; counts for now as: nothing" in whole


def test_the_scale_shows_the_interval_of_the_whole_company(make_bundle: MakeBundle) -> None:
    def say_little_of_d4(case: dict[str, Any]) -> None:
        case["document"]["deployment"]["d4"]["answers"] = {}

    bundle = make_bundle("f2", say_little_of_d4)
    company, scale = stated(bundle)["company"], read(bundle).scale
    assert company["worst"] == "d4"
    assert company["residual_low"] == "76.1497"  # that of d1, about which nothing is open
    assert scale.low == pytest.approx(6 * float(company["residual_low"]), abs=0.01)
    assert scale.high == pytest.approx(6 * float(company["residual"]), abs=0.01)


def test_a_company_that_declares_no_deployment_is_told_so(make_bundle: MakeBundle) -> None:
    def declare_nothing(case: dict[str, Any]) -> None:
        case["document"]["deployment"] = {}

    bundle = make_bundle("f2", declare_nothing)
    first = first_page_of(bundle)
    assert "No deployment was declared" in first
    assert "0 declared" in first
    assert "not rated" in first
    assert extract_bundle(render(bundle)) == bundle


def test_a_refusal_to_answer_is_printed_with_its_ground(make_bundle: MakeBundle) -> None:
    def refuse(case: dict[str, Any]) -> None:
        answers = case["document"]["deployment"]["d1"]["answers"]
        answers["USE-04"] = {"state": "declined_legal", "legal_basis": "Act on secrecy, section 4"}
        answers["USE-11"] = {"state": "declined_confidential", "reason": "Named in a contract"}

    whole = page_of(make_bundle("f2", refuse))
    assert "Open: declined on legal grounds Legal basis: Act on secrecy, section 4" in whole
    assert "Open: declined as confidential Reason: Named in a contract" in whole


def test_a_dispute_is_printed_with_the_reply(cameras: bytes) -> None:
    assert "disputed" in page_of(cameras)
    assert "The report does not name" in page_of(cameras)


@pytest.mark.parametrize("name", ["f2", "f4b", "f5", "f8"])
def test_no_page_promises_what_an_attestation_cannot(name: str, make_bundle: MakeBundle) -> None:
    whole = page_of(make_bundle(name)).lower()
    assert [word for word in FORBIDDEN if word in whole] == []


def test_figures_that_the_answers_do_not_give_are_refused(make_bundle: MakeBundle, cameras: bytes) -> None:
    result = stated(cameras)
    forged = {**result, "company": {**result["company"], "band": "low"}}
    with pytest.raises(DocumentError):
        render(make_bundle("f2", result=forged))


def test_what_is_no_bundle_is_refused() -> None:
    with pytest.raises(RefusedError):
        render(b"{}")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/", "https://example.org/", "data:text/css,p{}", "ftp://127.0.0.1/",
     SCHEME, SCHEME + "../glyphs.py", "SourceSans3-Regular.ttf", "enduse-font:/etc/passwd"],
)  # fmt: skip
def test_nothing_but_the_bundled_fonts_is_read(url: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        FontFetcher().fetch(url)


def test_a_page_that_asks_for_a_file_is_not_drawn() -> None:
    page = HTML(string='<link rel="attachment" href="file:///etc/passwd">', url_fetcher=FontFetcher())
    with pytest.raises(FatalURLFetchingError):
        page.write_pdf()


def test_hostile_names_are_text_and_nothing_else(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle("f2", names_hostile)
    html = write_html(read(bundle)).replace(BREAK, "")
    assert "<img" not in html
    assert "[U+202E]evil[U+202C]" in html
    assert "[U+1F600]" in html
    assert "{{ 7*7 }}" in html
    pdf = render(bundle)
    assert extract_bundle(pdf) == bundle
    assert b"root:x:0" not in pdf
    fonts = run("pdffonts", pdf, tmp_path).splitlines()[2:]
    assert len(fonts) == len(FACES)
    assert all("+Enduse-" in font for font in fonts)


def test_every_letter_that_is_drawn_is_drawn_with_a_bundled_font(make_bundle: MakeBundle, tmp_path: Path) -> None:
    letters = "".join(map(chr, sorted(drawable())))

    def name_all(case: dict[str, Any]) -> None:
        case["document"]["company"]["SCP-01"]["value"]["entities"] = letters

    fonts = run("pdffonts", render(make_bundle("f5", name_all)), tmp_path).splitlines()[2:]
    assert fonts
    assert all("+Enduse-" in font for font in fonts)


def test_an_endless_word_may_be_broken_and_a_digest_is_left_whole(cameras: bytes) -> None:
    assert show("x" * 100) == f"{'x' * 40}{BREAK}{'x' * 40}{BREAK}{'x' * 20}"
    digest = read(cameras).bundle_digest
    assert show(digest) == digest


def test_text_of_two_scripts_without_a_space_takes_no_longer_than_it_should(make_bundle: MakeBundle) -> None:
    def mix(case: dict[str, Any]) -> None:
        case["document"]["company"]["SCP-01"]["value"]["entities"] = "xم" * 4000

    bundle = make_bundle("f5", mix)
    start = process_time()
    render(bundle)
    assert process_time() - start < MOST_SECONDS


def test_what_cannot_be_drawn_stands_as_its_code_point() -> None:
    assert show("Ünïted Ωμέγα Жук \u200b\x07中\ufe0f") == "Ünïted Ωμέγα Жук [U+200B][U+0007][U+4E2D][U+FE0F]"
