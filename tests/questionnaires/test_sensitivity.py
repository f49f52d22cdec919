"""Sensitivity: the same draws everywhere, near the printed figure, and telling a firm band from a soft one."""

import pytest

from questionnaires import library, sensitivity
from questionnaires.formulas import band_of
from questionnaires.rowscores import RowScore, score_readings
from questionnaires.scales import BANDS, BUYER, END_USE, MITIGATION
from questionnaires.values import read_row
from tests.questionnaires.test_vectors import ROWS

CRITERIA = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
CASES = [row for row in ROWS if "?" not in row.values()]


def score(row: dict[str, str]) -> RowScore:
    assert CRITERIA is not None
    return score_readings(CRITERIA, row["case"], "", *read_row(row))


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["case"].split()[0])
def test_without_variation_the_figure_is_the_printed_one(row: dict[str, str]) -> None:
    assert CRITERIA is not None
    scored = score(row)
    values, nominal = sensitivity._read(CRITERIA, scored), sensitivity._judgements(CRITERIA, scored)
    logarithms = sensitivity._logarithm(values.severity), sensitivity._logarithm(values.intrusive)
    again = sensitivity._residual(values, nominal, sensitivity._geometric(logarithms))
    assert abs(again - scored.high.residual) <= 1  # severity is held in millionths here, exactly there
    assert band_of(CRITERIA, again) == scored.high.band


def test_the_draws_are_the_same_on_every_machine() -> None:
    assert CRITERIA is not None
    (case,) = [row for row in CASES if row["case"].startswith("F4b")]
    found = sensitivity.vary(CRITERIA, score(case))
    assert (found.band, found.draws, found.same_band) == ("elevated", 1000, 881)
    assert (found.low, found.high) == (482078, 613048)


def test_a_figure_at_the_edge_of_a_band_is_not_firm() -> None:
    assert CRITERIA is not None
    firm = {row["case"].split()[0]: sensitivity.vary(CRITERIA, score(row)).firm for row in CASES}
    assert [case for case, is_firm in firm.items() if not is_firm] == ["F4b"]  # 54.6380: k alone can take it to high


def test_varied_judgements_sum_to_one_and_stay_within_their_reach() -> None:
    assert CRITERIA is not None
    nominal = sensitivity._judgements(CRITERIA, score(CASES[0]))
    for drawn in sensitivity._draw(nominal, 200):
        for before, after in zip(nominal[:-1], drawn[:-1], strict=True):
            assert sensitivity.UNIT - len(after) <= sum(after) <= sensitivity.UNIT
            # a part that grows by 30 percent while the others shrink: at most 1.3 / 0.7 of what it was
            assert all(b * 70 // 131 <= a <= b * 131 // 70 for b, a in zip(before, after, strict=True))
        assert 0.79 * nominal.ceiling <= drawn.ceiling <= 1.21 * nominal.ceiling


def test_leaving_out_and_averaging_name_a_band_for_every_weight() -> None:
    assert CRITERIA is not None
    found = sensitivity.vary(CRITERIA, score(CASES[0]), draws=20)
    assert list(found.one_out) == [*BUYER, *MITIGATION]
    assert {found.arithmetic, *found.one_out.values()} <= set(BANDS)
    assert len(END_USE) == 7
