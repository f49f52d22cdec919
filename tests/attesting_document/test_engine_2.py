"""Documents of engine 2: what holds the band, what answers rest on, and rows that nobody declared."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from api.attesting.document.content import read
from api.attesting.document.copies import read_copy
from api.attesting.document.wording import name_row, place_of
from attestations import copies
from attestations.signing import Signer
from questionnaires.documents import Document
from questionnaires.visibility import without_hidden
from tests.attestations.exercise import Exercise
from tests.attesting_document.test_document import first_page_of, page_of
from tests.questionnaires.engine_2.conftest import Reviewed, load_questionnaire, reviewed
from tests.questionnaires.vendors import camera_maker, export_maker

NOTHING: Document = {"company": {}, "product": {}, "deployment": {}}
FEW = settings(
    max_examples=4, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
Make = Callable[[Document], bytes]


@pytest.fixture(scope="session")
def make(signer: Signer) -> Make:
    """Return what makes a bundle of an answer document under the second revisions."""
    return lambda document: Exercise("exercise", document, revision=2).signed_2(signer)


def test_a_vendor_that_declares_nothing_is_told_so(make: Make) -> None:
    whole = page_of(make(NOTHING))
    assert "Worst deployment A No deployment was declared Open" in whole
    assert "All deployments 0 declared; 1 row for units without one" in whole
    assert "B Units without a deployment product open · place open" in whole
    assert "A No deployment was declared not excluded by the answers; holds the band at severe" in whole


def test_units_without_a_deployment_stand_under_a_letter_of_their_own(make: Make) -> None:
    content = read(make(export_maker()))
    assert [one.mark for one in content.deployments] == ["A", "B", "C"]
    assert [one.name for one in content.deployments] == ["Units without a deployment", "d1", "d2"]
    assert content.tally == "1 severe, 1 high"
    assert page_of(make(export_maker())).count("all else is open, and read at its worst") == 1


def test_a_remainder_tells_its_product_and_its_place() -> None:
    assert place_of("~remainder:p1:XA-N") == "XA-N"
    assert [place_of(row) for row in ("~remainder:*:*", "~undeclared", "d1")] == ["", "", ""]
    assert name_row("~remainder:p1:XA-N") == "Units without a deployment"


def test_what_holds_the_band_stands_with_its_rows_and_reasons(make: Make) -> None:
    bundle = make(camera_maker())
    content, whole = read(bundle), page_of(bundle)
    assert "Held by C-01, C-02, C-04, C-05, C-07, C-08, C-11, Completeness; insufficient disclosure" in whole
    assert "word 0, documents 38, a third party 0; contradicted 0" in whole
    audit = next(hold for hold in content.holds if hold.code == "C-08")
    assert (audit.marks, audit.certain, audit.name) == (("B",), True, "Good bands need an audit")
    assert "C-08 Good bands need an audit B No band better than moderate without an audit of these answers." in whole
    assert "may hold: M3 at most 1." in whole
    keys = [(hold.code, hold.effect, hold.because, hold.certain) for hold in content.holds]
    assert len(keys) == len(set(keys))


def test_the_band_of_the_figures_alone_stands_beside_the_one_that_is_held(make: Make) -> None:
    bundle = make(camera_maker())
    assert "By these figures alone it would be low to severe; caps or red lines hold it" in first_page_of(bundle)
    assert "▲ high moderate to high figures alone: " in page_of(bundle)


def test_a_copy_names_what_holds_the_band(make: Make) -> None:
    content = read_copy(copies.copy(make(export_maker()), copies.show_band))
    assert content.caps is not None
    assert "C-04 Screening looks at lists only" in content.caps
    assert "Completeness Units without a deployment" in content.caps
    lines = [(line.code, line.times) for line in content.red_lines]
    assert lines == [("RL-06", 2), ("RL-09", 2), ("RL-10", 1)]
    figures = read_copy(copies.copy(make(NOTHING), copies.show_sections(set())))
    assert [row.name for row in figures.deployments] == ["No deployment was declared"]


@FEW
@given(one=reviewed())
def test_no_page_shows_a_row_by_an_id_of_ours(one: Reviewed, make: Make) -> None:
    bundle = make(without_hidden(load_questionnaire(), one.submission.document))
    content = read(bundle)
    marks = [row.mark for row in content.deployments]
    assert len(marks) == len(set(marks))
    assert not re.search(r"~(undeclared|remainder)", page_of(bundle))
