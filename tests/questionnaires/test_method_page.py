"""docs/method.md against the data: the criteria in words, and exercise F4 by hand.

`python -m tests.questionnaires.test_method_page` writes the generated part anew.
"""

import re
from pathlib import Path

from questionnaires import library
from questionnaires.wordings import describe_criteria
from tests.questionnaires.conftest import evidence_of, read_case
from tests.questionnaires.engine_2.conftest import Revisions, revisions  # noqa: F401  # the fixture
from tests.questionnaires.engine_2.whole import read_whole

PAGE = Path(__file__).parents[2] / "docs" / "method.md"
BEGIN, END = "<!-- generated from the criteria: begin -->\n", "<!-- generated from the criteria: end -->\n"


def generate() -> str:
    """Return the generated part."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@2")
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    assert questionnaire is not None
    assert criteria is not None
    return describe_criteria(criteria, questionnaire)


def parts() -> tuple[str, str, str]:
    """Return the page before, within and after the generated part."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    within, _, after = rest.partition(END)
    return before, within, after


def test_the_criteria_in_words_are_those_of_the_revision() -> None:
    assert parts()[1].strip() == generate().strip()


def test_every_criterion_cap_contradiction_and_red_line_is_in_it(revisions: Revisions) -> None:  # noqa: F811
    criteria, text = revisions.criteria, parts()[1]
    for code in (*criteria.risk, *criteria.mitigation):
        assert f"#### {code}: " in text
    for code in (*criteria.caps, *criteria.contradictions, *criteria.red_lines):
        assert f"**{code}** " in text
    for name in criteria.tables:
        assert f"#### Table *{name}*" in text


def test_the_figures_of_the_example_are_those_of_the_scorecard(revisions: Revisions) -> None:  # noqa: F811
    case, document = read_case("f4"), read_whole("f4", revisions.questionnaire)
    card = revisions.assess(document, evidence_of(document, case["evidence"], case["evidence_dated"]))
    row = next(row for row in card.rows if row.row == "d1")
    text = PAGE.read_text(encoding="utf-8").partition("## 11. F4 by hand\n")[2].partition("\n## ")[0]
    bold = re.findall(r"\*\*([0-9.]+)\*\*", text)
    figures = (row.high.buyer_risk, row.high.end_use_risk, row.high.inherent, row.high.mitigation, row.high.residual)
    assert [f"{figure / 10_000:.4f}" for figure in figures] == bold
    risks = re.search(r"\| B1 \|.*\n.*\n\|(.*)\|", text)
    assert risks is not None
    cells = [cell.strip() for cell in risks.group(1).split("|")]
    codes = [*(f"B{n}" for n in range(1, 10)), *(f"E{n}" for n in range(1, 8))]
    assert cells == [*(str(row.readings[code].high) for code in codes), row.involvement]
    claimed = re.search(r"\| M1 \|.*\n.*\n\|(.*)\|", text)
    assert claimed is not None
    assert [int(cell) for cell in claimed.group(1).split("|")] == [row.earned[f"M{n}"].level for n in range(1, 11)]
    assert set(row.counted.values()) == {0}


if __name__ == "__main__":
    head, _, tail = parts()
    PAGE.write_text(head + BEGIN + "\n" + generate() + "\n" + END + tail, encoding="utf-8")
