"""The page that says where the questions come from is the questionnaire's own word."""

from pathlib import Path
from typing import Any

from attestations.questionnaire_commands import questionnaires as run
from questionnaires import library
from questionnaires.provenance import tell_provenance
from tests.questionnaires.small import question, questionnaire, section

METHOD = Path(__file__).parents[2] / "docs" / "method.md"


def test_the_method_prints_where_the_questions_of_revision_2_come_from() -> None:
    found = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert found is not None
    text = METHOD.read_text(encoding="utf-8")
    assert text.endswith("\n\n" + tell_provenance(found)), "append what `enduse questionnaires sources` prints"


def test_checked_and_unchecked_references_are_told_apart() -> None:
    sources = [
        {"framework": "A | B", "locator": "1", "checked": True},
        {"framework": "A | B", "locator": "2"},
        {"framework": "C", "locator": "3"},
    ]
    asked = questionnaire(
        section("A", question("AAA-01", references=sources, feeds=["M1", "C-05"]), question("AAA-02"))
    )
    lines = tell_provenance(asked).splitlines()
    assert lines[0] == (
        "2 questions name 3 places: 1 checked, 2 not. "
        "1 questions have at least one checked reference, 1 have none at all."
    )
    assert {"| A \\| B | 1 | 1 |", "| C | 0 | 1 |"} <= set(lines)
    assert lines[-2:] == [
        "| AAA-01 | A | company | A \\| B, 1; A \\| B, 2 (?); C, 3 (?) | M1, C-05 |",
        "| AAA-02 | A | company |  |  |",
    ]


def test_the_command_prints_it(capsys: Any) -> None:
    assert run(["sources", "surveillance-hrdd@1"]) == 0
    assert capsys.readouterr().out.startswith("60 questions name ")
    assert run(["sources", "none-such"]) == 64
