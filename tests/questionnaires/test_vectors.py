"""The published cases: figures computed from criterion values equal the committed table to 4 decimals."""

import csv
from pathlib import Path

import pytest

from questionnaires import library
from questionnaires.values import score_values

ROWS = list(csv.DictReader((Path(__file__).parent / "vectors.csv").read_text(encoding="utf-8").splitlines()))
RESULTS = (
    "buyer_risk", "end_use_risk", "inherent", "mitigation", "residual", "band", "residual_low", "band_low", "rated",
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"].split()[0])
def test_values_give_the_published_figures(row: dict[str, str]) -> None:
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    assert criteria is not None
    (scored,) = score_values(criteria, [row])
    assert {column: scored[column] for column in RESULTS} == {column: row[column] for column in RESULTS}


def test_an_unreadable_value_is_refused_with_its_place() -> None:
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    assert criteria is not None
    with pytest.raises(ValueError, match=r"row 1, B1: use one of 0 1 2 3 4 \?"):
        score_values(criteria, [ROWS[0] | {"B1": "5"}])
