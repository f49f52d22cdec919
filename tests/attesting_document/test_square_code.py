"""The QR code of the first page: it leads to the public record, and is on paper what it is in the file."""

import re
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import segno

from api.attesting.document import render
from api.attesting.document.content import read
from api.attesting.document.rendering import write_html
from api.attesting.document.square_code import LEVEL, draw_code
from api.attesting.short_address import address_beside, read_id, shorten
from attestations.pdf import seal
from attestations.signing import Signer
from attestations.statement import read_instant
from attestations.trust import build, parse
from attestations.verification import verify
from tests.attestations.exercise import Exercise
from tests.programs import find_program

LISTS = "https://enduse.example/log/status-lists/1"
ID = "01939f00-0000-7000-8000-000000000001"
ADDRESS = "https://enduse.example/a/01jefg0000e008000000000001"
DOTS_PER_MM = 12
SIDE_MM, RIGHT_MM, FOOT_MM = 25, 20, 22


@pytest.fixture(scope="module")
def stated(signer: Signer) -> bytes:
    """Return a bundle whose statement names a status list."""
    return Exercise("f5").signed_2(signer, status={"uri": LISTS, "index": 7})


@pytest.fixture(scope="module")
def pdf(stated: bytes) -> bytes:
    return render(stated)


def squares_on_paper(pdf: bytes, folder: Path, side: int) -> list[list[int]]:
    """Return what a camera would see: page 1 as pixels, sampled in the middle of each square."""
    (folder / "page.pdf").write_bytes(pdf)
    options = ["-r", str(DOTS_PER_MM * 25.4), "-f", "1", "-l", "1", "-gray"]
    done = subprocess.run([find_program("pdftoppm"), *options, folder / "page.pdf"], capture_output=True, check=True)
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", done.stdout)
    assert head is not None
    width, height, pixels = int(head[1]), int(head[2]), done.stdout[head.end() :]
    left = width - (RIGHT_MM + SIDE_MM) * DOTS_PER_MM

    def is_dark(x: float, y: float) -> int:
        return int(pixels[int(y) * width + int(x)] < 128)

    above_foot = reversed(range(height - FOOT_MM * DOTS_PER_MM))
    bottom = 1 + next(y for y in above_foot if any(is_dark(left + x, y) for x in range(SIDE_MM * DOTS_PER_MM)))
    step, top = SIDE_MM * DOTS_PER_MM / side, bottom - SIDE_MM * DOTS_PER_MM
    return [[is_dark(left + (x + 0.5) * step, top + (y + 0.5) * step) for x in range(side)] for y in range(side)]


def test_the_code_on_paper_is_that_of_the_address(pdf: bytes, tmp_path: Path) -> None:
    expected = segno.make(ADDRESS, error=LEVEL, micro=False, boost_error=False)
    matrix = [list(row) for row in expected.matrix]
    assert squares_on_paper(pdf, tmp_path, len(matrix)) == matrix


def test_another_address_is_another_code(pdf: bytes, tmp_path: Path) -> None:
    other = [list(row) for row in segno.make(ADDRESS[:-1] + "2", error=LEVEL, micro=False, boost_error=False).matrix]
    assert squares_on_paper(pdf, tmp_path, len(other)) != other


def test_the_path_covers_the_dark_squares_and_no_others() -> None:
    code = draw_code(ADDRESS)
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(width))}
    rows = segno.make(ADDRESS, error=LEVEL, micro=False, boost_error=False).matrix
    assert dark == {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert code.side == len(rows)


def test_the_address_stands_beside_it_and_in_words_for_who_cannot_see_it(stated: bytes, pdf: bytes) -> None:
    html = write_html(read(stated))
    assert f"<code>{ADDRESS}</code>" in html
    figures = [written for written in _objects(pdf) if b"/S /Figure" in written]
    assert any(f"/Alt (QR code of the address {ADDRESS}".encode() in figure for figure in figures)
    assert all(b"/Alt (" in figure for figure in figures)


def test_the_document_with_a_code_is_the_same_each_time_and_verifies(stated: bytes, pdf: bytes, signer: Signer) -> None:
    assert render(stated) == pdf
    at = read_instant("2026-11-25T09:00:05Z")
    report = verify(seal(pdf, signer, at), parse(build([signer.root], [signer.certificate])), at)
    assert [step.status.value for step in report.steps[:5]] == ["passed"] * 5


def test_a_statement_without_a_status_list_has_no_code(signer: Signer) -> None:
    for status in (None, {"uri": "https://elsewhere.example/list", "index": 7}):
        content = read(Exercise("f5").signed_2(signer, status=status))
        assert content.code is None
        assert "QR code" not in write_html(content)


def test_a_short_id_is_the_id_and_reads_as_people_write_it() -> None:
    assert shorten(UUID(ID)) == "01jefg0000e008000000000001"
    assert address_beside(LISTS, ID) == ADDRESS
    for text in (shorten(UUID(ID)), shorten(UUID(ID)).upper(), "OIJEFGoooOE00800000000000l", ID):
        assert read_id(text) == UUID(ID)
    highest = UUID(int=2**128 - 1)
    assert read_id(shorten(highest)) == highest


@pytest.mark.parametrize("text", ["", "x", "0" * 25, "u" * 26, "8" + "0" * 25, "z" * 26, ID[:-1] + "g", "é" * 26])
def test_what_is_no_id_is_none(text: str) -> None:
    assert read_id(text) is None


def _objects(pdf: bytes) -> Iterator[bytes]:
    """Yield what stands in the object streams, as it is written; each stream is read once."""
    for stream in re.finditer(rb"/Type ?/ObjStm.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        data = zlib.decompress(stream[1])
        head = re.match(rb"(?:\d+\s+\d+\s+)+", data)
        assert head is not None
        starts = [int(number) + head.end() for number in head[0].split()[1::2]]
        yield from (data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True))
