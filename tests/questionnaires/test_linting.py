"""The linter: each broken definition gives exactly its findings, sound ones none, and nothing makes it stumble."""

import csv
import json
from collections import Counter
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from questionnaires import library, operators
from questionnaires.criteria import Criteria
from questionnaires.definition import AnswerField, Questionnaire
from questionnaires.linting import CATALOGUE, Finding, lint, lint_source
from questionnaires.linting.refusals import MOST_REFUSALS
from questionnaires.linting.sources import MOST_CHARACTERS

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
SOUND = sorted((HERE / "sound").glob("*.yaml"))
NEWEST = "2"
FIRST = Path(library.__file__).parent / "questionnaires" / "surveillance-hrdd-1.yaml"


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def shown(finding: Finding) -> tuple[str, str, str, str]:
    return str(finding.line or ""), finding.severity, finding.code, finding.pointer


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    found = library.find(library.criteria(), "surveillance-hrdd-criteria@1")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def expected() -> dict[str, list[tuple[str, str, str, str]]]:
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    with (HERE / "broken" / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["file"], []).append((row["line"], row["severity"], row["code"], row["pointer"]))
    return found


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_definition_gives_exactly_its_findings(
    file: Path, expected: dict[str, list[tuple[str, str, str, str]]]
) -> None:
    assert [shown(finding) for finding in lint_source(read(file))] == expected[file.stem]


def test_the_table_names_every_broken_definition_and_no_other(
    expected: dict[str, list[tuple[str, str, str, str]]],
) -> None:
    assert set(expected) == {file.stem for file in BROKEN}
    assert len(BROKEN) >= 25
    assert all(read(file).startswith("# ") for file in (*BROKEN, *SOUND))


@pytest.mark.parametrize("file", SOUND, ids=lambda file: file.stem)
def test_a_sound_definition_gives_none(file: Path) -> None:
    assert lint_source(read(file)) == ()


def test_every_kind_of_finding_is_shown_by_a_definition_or_by_a_test(
    expected: dict[str, list[tuple[str, str, str, str]]],
) -> None:
    by_file = {code for rows in expected.values() for _, _, code, _ in rows}
    beside = set(CHANGED) | {"criterion-unfed", "long-chain"}
    translated = {code for code in CATALOGUE if code.startswith("translation-")}  # with the command's own tests
    assert by_file | beside | translated == set(CATALOGUE)


OPERATORS = (
    operators.AnswerIs, operators.AnswerHas, operators.NumberIs, operators.SizeIs, operators.RatioIs,
    operators.Answered, operators.StateIs, operators.RowsAre, operators.DateIs, operators.ColumnIs, operators.All,
    operators.Any, operators.Not,
)  # fmt: skip
CHANGED = {
    "rule-choice-missing": ("{on: On by default, ", "{always: On by default, "),
    "choice-not-in-table": ("K17: International or", "K18: Nobody else\n              K17: International or"),
    "rule-reads-nothing": ("          defaults:\n", "          presets:\n"),
    "feeds-missing": ("feeds: [M1, M9]", "feeds: [M9]"),
    "feeds-unused": ("feeds: [M1, M9]", "feeds: [M1, M9, B6]"),
    "field-unread": ("          public:\n", "          shown: {kind: percent, label: Shown}\n          public:\n"),
    "choices-alike": ("{public: Everyone, ", "{public: Everyone, guests: Guests, "),
    "for-readers-scored": ("feeds: [M1, M9]", "feeds: [M1, M9]\n        for_readers: [public]"),
    "unknown-criterion": ("feeds: [M1, M9]", "feeds: [M1, M9, M11]"),
}
"""One change of the shipped revision for each finding that needs criteria: what is replaced, and by what."""


@pytest.mark.parametrize("code", CHANGED)
def test_a_change_that_the_criteria_cannot_read_is_found(code: str, criteria: Criteria) -> None:
    old, new = CHANGED[code]
    text = read(FIRST)
    assert old in text
    before = Counter(finding.code for finding in lint_source(text, [criteria]))
    after = Counter(finding.code for finding in lint_source(text.replace(old, new, 1), [criteria]))
    assert after[code] == before[code] + 1


def test_a_criterion_that_nothing_feeds_is_found(criteria: Criteria) -> None:
    other = lint_source(read(HERE / "sound" / "smallest.yaml"), [criteria])
    unfed = {finding.problem.partition(" ")[0] for finding in other if finding.code == "criterion-unfed"}
    assert {"B2", "B6", "B8", "M10"} <= unfed
    assert "CTX" not in unfed  # it reads other criteria


def test_a_long_chain_is_found() -> None:
    head, question = read(HERE / "sound" / "smallest.yaml").split("      - id: GOV-01")
    chain = [f"      - id: GOV-01{question}"]
    for number in range(2, 43):
        when = f"        asked_when: {{answer: GOV-{number - 1:02}.checks, is: [yes]}}\n        fields:"
        chain.append(f"      - id: GOV-{number:02}{question.replace('        fields:', when)}")
    assert lint_source(head + "".join(chain[:40])) == ()
    assert [finding.code for finding in lint_source(head + "".join(chain))] == ["long-chain"]


def test_the_first_revision_has_the_findings_that_are_known(criteria: Criteria) -> None:
    """It is released and cannot be edited; a later revision mends them."""
    found = {(finding.code, finding.pointer) for finding in lint_source(read(FIRST), [criteria])}
    with (HERE / "known_findings.csv").open(encoding="utf-8", newline="") as file:
        known = {(row["code"], row["pointer"]) for row in csv.DictReader(file)}
    assert found == known
    assert all(CATALOGUE[code].severity == "warning" for code, _ in known)


@pytest.mark.parametrize("questionnaire", library.questionnaires().values(), ids=lambda q: f"{q.id}@{q.revision}")
def test_the_newest_shipped_questionnaire_has_no_finding_and_none_an_error(questionnaire: Questionnaire) -> None:
    scored = [
        c
        for c in library.criteria().values()
        if (c.questionnaire, c.revision) == (questionnaire.id, questionnaire.revision)
    ]
    assert scored
    if questionnaire.revision == NEWEST:
        assert lint(questionnaire, scored) == ()
    assert [found for found in lint(questionnaire, scored) if found.severity == "error"] == []


def test_without_text_there_are_the_same_findings_and_no_lines(criteria: Criteria) -> None:
    revision = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert revision is not None
    read_from_text = lint_source(read(FIRST), [criteria])
    assert lint(revision, [criteria]) == tuple(finding._replace(line=None) for finding in read_from_text)
    assert all(finding.line for finding in read_from_text)


def test_every_line_is_that_of_the_place() -> None:
    text = read(HERE / "broken" / "never_asked.yaml")
    (finding,) = lint_source(text)
    assert finding.line is not None
    assert text.splitlines()[finding.line - 1].strip().startswith("asked_when: {all:")


@given(st.text(alphabet="ab:-?{}[],&*#!|>'\"\n \t%@`01", max_size=200))
def test_whatever_the_text_holds_the_answer_is_findings(text: str) -> None:
    found = lint_source(text)
    assert found
    assert all(finding.code in CATALOGUE for finding in found)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "a: &a\n  b: *a", "\x00", "\ud800", "sections: [1, 2]", "[]", "3"]
)
def test_a_hostile_text_is_refused_with_findings(text: str) -> None:
    assert {finding.severity for finding in lint_source(text)} == {"error"}


def test_of_a_text_that_is_wrong_throughout_only_so_much_is_told() -> None:
    found = lint_source(json.dumps({"sections": [{"questions": [{}] * 5000}]}))
    assert len(found) == MOST_REFUSALS + 1
    assert (found[0].code, found[0].pointer) == ("too-large", "")
    few = lint_source(json.dumps({"sections": [{"questions": [{}] * 50}]}))
    assert "too-large" not in {finding.code for finding in few}


def test_a_huge_text_is_refused_unread() -> None:
    (finding,) = lint_source("a" * (MOST_CHARACTERS + 1))
    assert finding.code == "too-large"


def test_the_cost_grows_with_the_questions_and_not_faster() -> None:
    head, question = read(HERE / "sound" / "smallest.yaml").split("      - id: GOV-01")

    def cost(count: int) -> float:
        ids = [f"{chr(65 + n // 2600)}{chr(65 + n // 100 % 26)}A-{n % 100:02}" for n in range(count)]
        sections = [
            f"  - code: {chr(65 + at)}\n    title: Part\n    questions:\n"
            + "".join(f"      - id: {id_}{question}" for id_ in ids[at * 100 : at * 100 + 100])
            for at in range(count // 100)
        ]
        text = head.partition("  - code: A")[0] + "".join(sections)
        begin = process_time()
        assert lint_source(text) == ()
        return process_time() - begin

    cost(100)
    assert cost(1600) < 24 * cost(200)  # eight times the questions; three times that for a noisy machine


@pytest.mark.parametrize("kind", CATALOGUE.values())
def test_every_kind_says_what_is_wrong_and_what_mends_it(kind: object) -> None:
    severity, meaning, mend = kind  # type: ignore[misc]  # a named tuple
    assert severity in {"error", "warning"}
    assert meaning.endswith(".")
    assert mend.endswith(".")


def test_the_documentation_prints_the_catalogue() -> None:
    text = (HERE.parents[1] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
    rows = [f"| `{code}` | {kind.severity} | {kind.meaning} {kind.mend} |" for code, kind in CATALOGUE.items()]
    assert [
        line for line in text.splitlines() if (line.startswith("| `") and "| error |" in line) or "| warning |" in line
    ] == rows


def test_the_documentation_names_every_kind_and_operator() -> None:
    text = (HERE.parents[1] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
    kinds = TypeAdapter(AnswerField).json_schema()["discriminator"]["mapping"]
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []
    keys = {field.alias or name for one in OPERATORS for name, field in one.model_fields.items()}
    assert [key for key in sorted(keys - {"criterion"}) if f"{key}:" not in text] == []


def test_the_example_of_the_documentation_is_sound() -> None:
    text = (HERE.parents[1] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("```yaml\n")
    assert lint_source(rest.partition("```")[0]) == ()
