"""The document of a copy: pages of what it discloses, and of nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from api.attesting.document import render
from api.attesting.document.copies import is_copy, read_copy
from api.attesting.document.rendering import write_html
from attestations import copies
from attestations.pdf import extract_bundle
from attestations.signing import Signer
from questionnaires import library
from tests.attestations.exercise import Exercise
from tests.attesting_document.test_document import HOSTILE, words_of
from tests.questionnaires.engine_2.whole import read_whole

Level = Callable[[Any], bool]
SECTIONS = copies.show_sections({"GOV-01", "BUY-01"})


@pytest.fixture(scope="session")
def whole(signer: Signer) -> bytes:
    return Exercise("f4").signed_2(signer)


def words(whole: bytes, level: Level) -> str:
    return words_of(write_html(read_copy(copies.copy(whole, level))))


def test_the_same_copy_gives_the_same_bytes_and_embeds_itself(whole: bytes) -> None:
    copied = copies.copy(whole, SECTIONS)
    pdf = render(copied)
    assert render(copied) == pdf
    assert extract_bundle(pdf) == copied
    assert (is_copy(copied), is_copy(whole)) == (True, False)


@pytest.mark.parametrize("level", [copies.show_band, SECTIONS, copies.show_but({("GOV-06", None)}, names=True)])
def test_every_copy_tells_the_result_and_how_much_it_withholds(whole: bytes, level: Level) -> None:
    content, text = read_copy(copies.copy(whole, level)), words(whole, level)
    assert content.company["residual"] in text
    assert content.company["band"] in text
    assert f"It shows {content.shown:,} of the {content.shown + content.withheld:,} parts" in text
    assert content.statement.attestation in text
    assert content.bundle_digest in text


def test_a_band_alone_shows_no_row_and_no_answer(whole: bytes) -> None:
    text = words(whole, copies.show_band)
    assert "GOV-01" not in text
    assert "d1" not in text.split()
    assert "Deployments Worst first" not in text


def test_sections_show_their_answers_and_rows_by_id(whole: bytes) -> None:
    content, text = read_copy(copies.copy(whole, SECTIONS)), words(whole, SECTIONS)
    assert {asked.question.id for part in content.parts for asked in part.questions} == {"GOV-01", "BUY-01"}
    assert {row.name for row in content.deployments} == {"d1", "d2"}
    assert "GOV-06" not in text
    named = words(whole, copies.show_sections({"GOV-01", "BUY-01"}, names=True))
    names = {leaf["name"] for leaf in read_leaves(whole) if leaf["kind"] == "row" and leaf["group"] == "deployment"}
    assert names
    assert all(name in named and name not in text for name in names)


def read_leaves(data: bytes) -> list[Any]:
    from attestations.bundle import parse

    return list(parse(data).leaves)


def test_a_range_stands_where_nothing_is_rated(signer: Signer) -> None:
    silent = Exercise("f8").signed_2(signer)
    content = read_copy(copies.copy(silent, copies.show_band))
    assert not content.company["rated"]
    text = words(silent, copies.show_band)
    assert f"not rated : {content.company['band_low']} to {content.company['band']}" in text


def test_hostile_names_are_drawn_and_never_obeyed(signer: Signer) -> None:
    exercise = Exercise("f4")
    for leaf in exercise.leaves:
        if leaf["kind"] == "row":
            leaf["name"] = HOSTILE.replace("\x00", "")
    copied = copies.copy(exercise.signed_2(signer), copies.show_but({("GOV-06", None)}, names=True))
    html = write_html(read_copy(copied))
    assert "<img" not in html
    assert "\u202e" not in html
    assert extract_bundle(render(copied)) == copied


def test_red_lines_stand_on_every_copy(signer: Signer) -> None:
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert questionnaire is not None
    signed = Exercise("f3", read_whole("f3", questionnaire), revision=2).signed_2(signer)
    for level in (copies.show_band, copies.show_but({("GOV-06", None)})):
        content = read_copy(copies.copy(signed, level))
        (line,) = content.red_lines
        assert line.code == "RL-12"
        told = words(signed, level)
        assert f"{line.code} {line.status}" in told
        assert f"{line.code} {line.name}" in told
    assert all("~remainder" not in row.name for row in content.deployments)
