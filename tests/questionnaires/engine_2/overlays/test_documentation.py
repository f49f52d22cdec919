"""What docs/method.md says of overlays: its example, its refusals, its table of findings."""

import re
from pathlib import Path

from questionnaires import library
from questionnaires.overlays import OVERLAY_FINDINGS, check_overlay, read_overlay
from tests.questionnaires.engine_2.overlays.own import line, load_standard, overlay_json, read

PAGE = Path(__file__).parents[4] / "docs" / "method.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## 13. An investor's own criteria\n")[2].partition("\n## ")[0]


def test_the_example_can_be_published() -> None:
    text = re.search(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
    assert text is not None
    overlay, found = read_overlay(library.read_yaml(text.group(1)))
    assert overlay is not None, found
    assert (found, check_overlay(overlay, load_standard())) == ((), ())


def test_the_condition_that_it_calls_refused_is_refused_and_its_mend_is_not() -> None:
    def findings(codes: list[str]) -> list[str]:
        value = overlay_json(red_lines={"XL-01": line({"answer": "PRD-03.matching", "is": codes})})
        overlay, found = read_overlay(value)
        assert overlay is not None, found
        return [one.code for one in check_overlay(overlay, load_standard())]

    assert findings(["many_after"]) == ["lifted-by-worse"]
    assert findings(["many_after", "many_live"]) == []


def test_every_kind_of_finding_is_listed() -> None:
    rows = [f"| `{code}` | {kind.meaning} | {kind.mend} |" for code, kind in OVERLAY_FINDINGS.items()]
    assert [row for row in SECTION.splitlines() if row.startswith("| `")] == rows


def test_weights_are_named_within_their_bounds() -> None:
    assert read(overlay_json(weights={"buyer": {"B9": 2, "B8": 8}})).weights.buyer["B9"] == 2
