"""Names are found under another script, another order and a misspelling; the neighbour with a like name is not."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.names import WHOLE, read_name, score
from questionnaires.screening import THRESHOLD, Entry, Index
from tests.screening import invented

BUREAU = Entry("XX", "1", ("Shanghai Public Security Bureau", "上海市公安局"))
OTHERS = tuple(Entry("XX", str(n + 10), (invented.name(n),)) for n in range(1000))
INDEX = Index((BUREAU, *OTHERS))


@pytest.mark.parametrize(
    ("said", "least"),
    [
        ("Shanghai Public Security Bureau", WHOLE),
        ("SHANGHAI PUBLIC SECURITY BUREAU", WHOLE),
        ("Public Security Bureau of Shanghai", WHOLE),
        ("上海市公安局", WHOLE),
        ("Shanghai Shi Gong'an Ju", WHOLE),
        ("Shanghai Shi Gong An Ju", WHOLE),
        ("Shanghaishi Gonganju", WHOLE),
        ("Shangai Public Securty Bureau", 9000),
        ("Shanghai Municipal Public Security Bureau", 8500),
        ("上海公安局", 8300),
    ],
)
def test_the_bureau_is_found(said: str, least: int) -> None:
    (hit,) = INDEX.find(said)
    assert hit.entry == BUREAU
    assert hit.score >= least


@pytest.mark.parametrize(
    "said",
    [
        "Shanghai Public Transport Bureau", "上海市交通局", "Beijing Public Security Bureau", "北京市公安局",
        "Public Security Bureau", "Shanghai", "Shanghai Shi Jiaotong Ju", "Bureau", "",
    ],
)  # fmt: skip
def test_its_neighbours_are_no_candidates(said: str) -> None:
    assert INDEX.find(said) == []


def test_the_scores_of_both_sides_stand_well_apart() -> None:
    listed = read_name("Shanghai Public Security Bureau")
    assert score(read_name("Shangai Public Securty Bureau"), listed) == 9285
    assert score(read_name("Shanghai Public Transport Bureau"), listed) == 6222
    assert score(read_name("上海市交通局"), read_name("上海市公安局")) == 6666
    assert score(read_name("Shanghai Shi Jiaotong Ju"), read_name("上海市公安局")) < THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Завод Ромашка", "Zavod Romashka"), ("Société Générale S.A.", "Societe Generale"),
        ("Marr, Ida", "Ida MARR"), ("The Tarn & Brook Company, Inc.", "Tarn Brook Company"), ("Müller GmbH", "Muller"),
        ("ﬁne optics", "Fine Optics"),
    ],
)  # fmt: skip
def test_script_accents_order_and_legal_form_do_not_count(one: str, other: str) -> None:
    assert score(read_name(one), read_name(other)) >= 9200


@pytest.mark.parametrize(("one", "other"), [("Unit 61", "Unit 62"), ("AB Ltd", "AC Ltd"), ("Ltd", "Inc"), ("!", "!")])
def test_little_words_and_numbers_are_the_same_or_not(one: str, other: str) -> None:
    assert score(read_name(one), read_name(other)) < THRESHOLD


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_score_is_bounded_the_same_both_ways_and_whole_for_oneself(one: str, other: str) -> None:
    a, b = read_name(one), read_name(other)
    assert 0 <= score(a, b) == score(b, a) <= WHOLE
    assert score(a, a) == (WHOLE if a.words else 0)


def test_order_of_entries_does_not_count() -> None:
    forwards, backwards = Index(OTHERS), Index(reversed(OTHERS))
    for number in range(0, 200, 7):
        asked = invented.misspell(invented.name(number), number)
        assert forwards.find(asked) == backwards.find(asked)


def test_looking_up_finds_what_comparing_with_all_finds() -> None:
    entries = OTHERS[:300]
    index, everyone = Index(entries), [(entry, read_name(entry.names[0])) for entry in entries]
    found = 0
    for number in range(0, 300, 5):
        asked = invented.misspell(invented.name(number), number)
        whole = {(e.record, s) for e, n in everyone if (s := score(read_name(asked), n)) >= THRESHOLD}
        assert {(hit.entry.record, hit.score) for hit in index.find(asked)} == whole
        found += str(number + 10) in {record for record, _ in whole}
    assert found >= 58  # of 60: a letter less in a short word may be too much


def test_without_the_extra_it_is_said_how_to_get_it() -> None:
    program = (
        "import sys; sys.modules['rapidfuzz'] = None; sys.modules['rapidfuzz.distance'] = None\n"
        "from questionnaires.names import NotInstalledError, read_name\n"
        "try: read_name('x')\nexcept NotInstalledError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said == "install enduse[screening] to compare names (missing: rapidfuzz.distance)\n"
