"""What a vendor gains alone, from each high or severe exercise: nothing but by statements that the record marks.

ENDUSE_STEPS sets the steps of every search. What is found and what answers it stands in docs/method.md, section 10.
"""

import os

import pytest

from questionnaires.scales import BANDS
from tests.questionnaires.conftest import evidence_of, read_case
from tests.questionnaires.engine_2.conftest import Revisions, revisions  # noqa: F401  # the fixture
from tests.questionnaires.engine_2.whole import read_whole
from tests.questionnaires.hostile_officer import (
    ANYTHING,
    ON_PAPER,
    SILENT,
    climb,
    score,
    take_back,
    unsupported,
)
from tests.questionnaires.strategies import Submission

STEPS = int(os.environ.get("ENDUSE_STEPS", "16"))
BAD = ("f1", "f2", "f3", "f4", "f4b", "f7")
MOST_POINTS = 60_000
"""What practices claimed on paper take off an upper bound at most, in ten-thousandths."""


def truth_of(name: str, known: Revisions) -> Submission:
    """Return an exercise as it is, answered whole, with the evidence it has."""
    case, document = read_case(name), read_whole(name, known.questionnaire)
    return Submission(document, evidence_of(document, case["evidence"], case["evidence_dated"]))


@pytest.mark.parametrize("name", BAD)
def test_silence_rows_and_files_gain_nothing(name: str, revisions: Revisions) -> None:  # noqa: F811
    truth = truth_of(name, revisions)
    _, reached = climb(revisions, truth, SILENT, 1, STEPS)
    assert reached == score(revisions, truth)


@pytest.mark.parametrize("name", BAD)
def test_papers_gain_no_band_and_are_marked(name: str, revisions: Revisions) -> None:  # noqa: F811
    truth = truth_of(name, revisions)
    best, reached = climb(revisions, truth, ON_PAPER, 2, STEPS)
    before = score(revisions, truth)
    assert reached[0] == before[0]
    assert before[1] - reached[1] <= MOST_POINTS
    assert reached == before or unsupported(best, truth)
    assert score(revisions, take_back(best, truth)) >= before


@pytest.mark.parametrize("name", BAD)
def test_whatever_lies_gain_is_gone_without_what_the_record_marks(name: str, revisions: Revisions) -> None:  # noqa: F811
    truth = truth_of(name, revisions)
    best, reached = climb(revisions, truth, ANYTHING, 3, STEPS)
    assert BANDS[reached[0]] != "low"  # C-08: the best band needs an audit
    assert score(revisions, take_back(best, truth)) >= score(revisions, truth)


def test_a_search_that_may_say_anything_finds_something(revisions: Revisions) -> None:  # noqa: F811
    truth = truth_of("f1", revisions)
    best, reached = climb(revisions, truth, ANYTHING, 3, 6 * STEPS)
    assert reached < score(revisions, truth)
    assert unsupported(best, truth)
