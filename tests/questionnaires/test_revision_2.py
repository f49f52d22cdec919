"""Revision 2 keeps all of revision 1, covers the whole catalogue, and is worded as it promises."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from questionnaires import library
from questionnaires.definition import (
    AnswerField,
    ChoiceField,
    FreeText,
    MultiField,
    OneField,
    Questionnaire,
    SingleChoice,
    TableField,
)
from questionnaires.linting import lint
from questionnaires.linting.use import BESIDE_CRITERIA

DOCS = Path(__file__).parents[2] / "docs"
CATALOGUE = {
    "SCP": 6, "OWN": 8, "GOV": 12, "PRD": 15, "EXP": 9, "BUY": 19, "CTX": 9, "USE": 18, "IMP": 11, "DES": 7, "CON": 7,
    "MON": 7, "REM": 7, "REC": 6, "TRA": 5, "INV": 4,
}  # fmt: skip
CANDIDATES = {f"{prefix}-{number:02}" for prefix, last in CATALOGUE.items() for number in range(1, last + 1)}
CORE, SCREEN = 93, 16
CODE = re.compile(r"B[1-9]|E[1-8]|M([1-9]|10)|C-[0-9]{2}|RL-[0-9]{2}")
WAY_OUT = re.compile(
    r"\b(no|none|not|never|nobody|nothing|neither|without|other|another|unknown|alone)\b", re.IGNORECASE
)
NAMES = {
    "UN Guiding Principles", "EU", "United States", "United Kingdom", "Switzerland", "National Contact Point", "IP",
    "DNA",
}  # fmt: skip


@pytest.fixture(scope="module")
def first() -> Questionnaire:
    found = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def second() -> Questionnaire:
    found = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert found is not None
    return found


def table(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading of a page, without its head."""
    part = (DOCS / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def fields(questionnaire: Questionnaire) -> Iterator[tuple[str, AnswerField]]:
    """Yield every field with its place, and the columns of tables."""
    for question in questionnaire.questions.values():
        for name, field in question.fields.items():
            yield f"{question.id}.{name}", field
            if isinstance(field, TableField):
                yield from ((f"{question.id}.{name}.{column}", inner) for column, inner in field.columns.items())


def texts(questionnaire: Questionnaire) -> Iterator[str]:
    """Yield every text that a respondent reads."""
    yield questionnaire.introduction
    for section in questionnaire.sections:
        yield from (section.title, section.note or "")
    for question in questionnaire.questions.values():
        yield from (question.text, question.help, question.why, question.evidence_expected or "")
    for _, field in fields(questionnaire):
        yield field.label
        if isinstance(field, ChoiceField):
            yield from field.choices.values()


def test_every_question_field_choice_and_condition_of_revision_1_stands(
    first: Questionnaire, second: Questionnaire
) -> None:
    for id_, question in first.questions.items():
        now = second.questions[id_]
        assert (now.per, now.screen, now.red_line) == (question.per, question.screen, question.red_line), id_
        assert now.asked_when == question.asked_when
        for name, field in question.fields.items():
            assert now.fields[name].kind == field.kind
            if isinstance(field, ChoiceField):
                assert set(field.choices) <= set(getattr(now.fields[name], "choices", {})), (id_, name)


def test_no_annex_gates_a_question_of_revision_1(first: Questionnaire, second: Questionnaire) -> None:
    gated = {q.id for section in second.sections if section.asked_when for q in section.questions}
    assert gated.isdisjoint(first.questions)


def test_what_revision_2_adds_to_the_choices_of_revision_1(first: Questionnaire, second: Questionnaire) -> None:
    before = {place: set(f.choices) for place, f in fields(first) if isinstance(f, ChoiceField)}
    now = {place: set(f.choices) for place, f in fields(second) if isinstance(f, ChoiceField)}
    added = {place: now[place] - codes for place, codes in before.items() if now[place] != codes}
    assert added == {"BUY-01.kind": {"K19"}, "BUY-01.channel": {"other"}}


def test_the_core_and_the_screen_are_as_large_as_the_header_says(second: Questionnaire) -> None:
    core = [question for section in second.sections if section.code <= "O" for question in section.questions]
    assert (len(core), sum(question.screen for question in core)) == (CORE, SCREEN)
    assert all(section.asked_when is not None and section.note for section in second.sections if section.code > "O")


def test_every_candidate_is_accounted_for(second: Questionnaire) -> None:
    rows = table("questionnaire-coverage.md", "The 150 candidates")
    assert [row[0] for row in rows] == sorted(CANDIDATES, key=lambda id_: (list(CATALOGUE).index(id_[:3]), id_))
    for id_, fate, where, why in rows:
        assert (fate == "taken") is (id_ in second.questions), id_
        assert fate in {"taken", "merged", "dropped"}
        assert fate == "taken" or why
        if fate == "merged" and where != "every question":
            assert set(where.split(", ")) <= set(second.questions)


def test_every_other_question_and_every_question_without_a_criterion_has_a_stated_purpose(
    second: Questionnaire,
) -> None:
    new = {row[0] for row in table("questionnaire-coverage.md", "Questions that the catalogue does not have")}
    unread = dict(table("questionnaire-coverage.md", "Questions that no criterion reads"))
    assert new == set(second.questions) - CANDIDATES
    feeds = {id_: question.feeds for id_, question in second.questions.items()}
    assert unread == {id_: ", ".join(codes) for id_, codes in feeds.items() if BESIDE_CRITERIA.issuperset(codes)}
    assert all(feeds.values())
    assert {code for codes in feeds.values() for code in codes if not CODE.fullmatch(code)} == BESIDE_CRITERIA


def test_the_linter_finds_nothing_and_what_a_question_feeds_is_what_reads_it(second: Questionnaire) -> None:
    criteria = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    assert criteria is not None
    assert lint(second) == ()
    assert lint(second, [criteria]) == ()


def test_every_gap_of_the_review_is_answered_or_named_as_no_question() -> None:
    rows = table("questionnaire-coverage.md", "The fifteen gaps")
    assert [row[0] for row in rows] == [str(number) for number in range(1, 16)]
    assert [row[0] for row in rows if row[2] == "not by a questionnaire"] == ["6"]


def test_every_checked_reference_is_one_that_the_page_says_was_read(second: Questionnaire) -> None:
    page = (DOCS / "references-checked.md").read_text(encoding="utf-8")
    read: dict[str, str] = {}
    for line in page.splitlines():
        if line.startswith("| ") and "2026" in line:
            framework, places, _, _ = (cell.strip() for cell in line.strip("|").split("|"))
            read[framework] = f"{read.get(framework, '')} {places}"
    checked = [r for q in second.questions.values() for r in q.references if r.checked]
    assert len(checked) == 134  # a new one needs a line on the page
    for reference in checked:
        for number in re.findall(r"\d+(?:\(\d+\))*", reference.locator):
            assert re.search(rf"\b{re.escape(number)}(?!\d)", read[reference.framework]), reference


def test_every_single_choice_has_an_honest_way_out(second: Questionnaire) -> None:
    stuck = [
        place
        for place, field in fields(second)
        if isinstance(field, OneField)
        and not any(WAY_OUT.search(f"{c} {t}".replace("_", " ")) for c, t in field.choices.items())
    ]
    assert stuck == []


def test_every_list_of_choices_says_what_an_empty_list_means_or_is_exhaustive(second: Questionnaire) -> None:
    silent = {
        question.id
        for question in second.questions.values()
        if any(isinstance(field, MultiField) for field in question.fields.values())
        and "empty list" not in question.help.lower()
    }
    assert silent == {"PRD-01", "USE-01", "BUY-14", "BUY-15", "EXP-02", "PRD-18", "GOV-08", "INC-01"}


def test_what_is_partial_is_said_where_it_is_chosen(second: Questionnaire) -> None:
    for place, field in fields(second):
        for code, label in field.choices.items() if isinstance(field, SingleChoice) else ():
            if code in {"partial", "partly"}:
                question = second.questions[place.partition(".")[0]]
                anchored = len(label.split()) > 2 or f'"{label}"' in question.help
                assert anchored, place


def test_texts_are_short_and_every_question_is_explained(second: Questionnaire) -> None:
    for question in second.questions.values():
        assert len(question.text) <= 180, question.id
        assert len(question.help) <= 480, question.id
        assert len(question.why) <= 160, question.id
        assert question.text.find("?") == len(question.text) - 1, question.id
        assert None not in {question.evidence_expected, *question.references[:1]}, question.id
        assert question.references, question.id


def test_free_text_is_never_the_only_field_of_what_a_criterion_reads(second: Questionnaire) -> None:
    for question in second.questions.values():
        if not BESIDE_CRITERIA.issuperset(question.feeds):
            assert not all(isinstance(field, FreeText) for field in question.fields.values()), question.id


def test_no_text_names_anybody(second: Questionnaire) -> None:
    """Every capitalised word inside a sentence belongs to a name that is listed here: none is a company's."""
    allowed = {word for name in NAMES for word in name.split()}
    for text in texts(second):
        for sentence in re.split(r"(?<=[.:?!])\s+|[\"“”(]", text):
            inside = re.findall(r"(?<=[a-z,] )([A-Z][A-Za-z]+)\b(?!-[0-9])", sentence)
            assert set(inside) <= allowed, (inside, text)
