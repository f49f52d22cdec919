"""The printable questionnaire: all of the definition on its pages, the same bytes every time, nothing fetched."""

import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from api.attesting.questionnaire.clauses import Clause, tell
from api.attesting.questionnaire.content import LONGEST_LIST, read
from api.attesting.questionnaire.effort import MINUTES, hours_of, minutes_of
from api.attesting.questionnaire.rendering import render, write_html
from questionnaires import library
from questionnaires.definition import AnswerField, Questionnaire
from questionnaires.operators import Condition
from tests.programs import find_program

SOUND = Path(__file__).parents[1] / "questionnaires" / "sound"
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
HOSTILE = "<img src=file:///etc/passwd>\u202eevil\u202c" + "W" * 200 + " \U0001f600 مراقبة {{ 7*7 }}"


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words_of(questionnaire: Questionnaire) -> str:
    text = Text()
    text.feed(write_html(read(questionnaire)))
    return " ".join(" ".join(text.words).split())


def read_sound(name: str) -> Questionnaire:
    text = (SOUND / f"{name}.yaml").read_text(encoding="utf-8")
    return Questionnaire.model_validate(library.read_yaml(text))


def told(clause: Clause) -> str:
    return clause.words + (f" [{'; '.join(map(told, clause.parts))}]" if clause.parts else "")


@pytest.fixture(scope="module")
def first() -> Questionnaire:
    found = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def kinds() -> Questionnaire:
    return read_sound("kinds")


@pytest.fixture(scope="module")
def kinds_pdf(kinds: Questionnaire) -> bytes:
    return render(kinds)


def run(name: str, pdf: bytes, folder: Path, *options: str) -> str:
    (folder / "print.pdf").write_bytes(pdf)
    command = [find_program(name), *options, "print.pdf", *(["-"] if name == "pdftotext" else [])]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


def test_the_same_questionnaire_gives_the_same_bytes_and_another_others(kinds: Questionnaire, kinds_pdf: bytes) -> None:
    assert render(kinds) == kinds_pdf
    assert render(kinds.model_copy(update={"revision": "2"})) != kinds_pdf


def test_the_file_is_tagged_and_says_what_it_is(kinds_pdf: bytes, tmp_path: Path) -> None:
    told_by = run("pdfinfo", kinds_pdf, tmp_path)
    assert "Tagged:          yes" in told_by
    assert "A small questionnaire" in told_by
    assert "Date" not in told_by
    assert "pdfuaid:part" in run("pdfinfo", kinds_pdf, tmp_path, "-meta")


def test_every_font_is_one_of_ours_and_embedded(kinds_pdf: bytes, tmp_path: Path) -> None:
    lines = run("pdffonts", kinds_pdf, tmp_path).splitlines()[2:]
    assert lines
    assert all("+Enduse-" in line for line in lines), lines
    assert all(line.split()[-5] == "yes" for line in lines), lines


def test_every_question_stands_with_text_help_reason_and_choices(first: Questionnaire) -> None:
    words = words_of(first)
    for id_, question in first.questions.items():
        for text in (id_, question.text, question.help, question.why, question.evidence_expected or ""):
            assert " ".join(text.split()) in words, id_
        for field in question.fields.values():
            assert field.label in words
            assert all(label in words for label in getattr(field, "choices", {}).values()), id_


def test_the_printed_pages_say_the_same(kinds: Questionnaire, kinds_pdf: bytes, tmp_path: Path) -> None:
    printed = " ".join(run("pdftotext", kinds_pdf, tmp_path, "-layout").split())
    (question,) = kinds.questions.values()
    assert question.text in printed
    assert all(field.label in printed for field in question.fields.values() if field.kind != "table")
    assert "Reference: not checked." in printed


def test_only_a_checked_reference_is_printed(first: Questionnaire) -> None:
    assert "principle 16" not in words_of(first)
    checked = words_of(read_sound("checked_reference"))
    assert "Reference: UN Guiding Principles on Business and Human Rights, principle 17." in checked
    assert "not checked" not in checked


def test_a_question_says_how_it_is_handled() -> None:
    words = words_of(read_sound("screen"))
    assert "withheld from publication" in words
    assert "may be left open" in words
    assert (
        "B · Annex Asked of those who check buyers. Opens only if GOV-01 is \u201cYes\u201d or \u201cIn part\u201d"
        in words
    )
    plain = words_of(read_sound("smallest"))
    assert "may be left open" not in plain
    assert "No question is withheld from publication" in plain


@pytest.mark.parametrize("count", [LONGEST_LIST, LONGEST_LIST + 1])
def test_a_long_list_of_choices_stands_once_at_the_end(kinds: Questionnaire, count: int) -> None:
    choices = {f"AREA_{number}": f"Place {number}." for number in range(count)}
    field = {"kind": "one", "label": "Place", "choices": choices}
    form = kinds.model_dump(mode="json", by_alias=True)
    form["sections"][0]["questions"][0]["fields"] = {"here": field, "there": field}
    words = words_of(Questionnaire.model_validate(form))
    is_long = count > LONGEST_LIST
    assert words.count("Place 7.") == (1 if is_long else 2)
    assert ("of list 1 at the end" in words) is is_long
    assert "List 2" not in words


def test_hostile_text_is_text_and_nothing_else(kinds: Questionnaire, tmp_path: Path) -> None:
    form = kinds.model_dump(mode="json", by_alias=True)
    form["title"] = HOSTILE
    form["sections"][0]["questions"][0]["text"] = HOSTILE
    hostile = Questionnaire.model_validate(form)
    html = write_html(read(hostile))
    assert "<img" not in html
    assert "[U+202E]" in html
    assert "{{ 7*7 }}" in html
    assert "passwd" in run("pdftotext", render(hostile), tmp_path, "-layout")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"answer": "GOV-06.stop", "is": ["none"]}, "GOV-06 is \u201cNo\u201d"),
        (
            {"not": {"answer": "GOV-01.policy", "is": ["yes", "partial"]}},
            "it is not so that GOV-01 (The policy) is \u201cYes\u201d or \u201cIn part\u201d",
        ),
        (
            {"answer": "EXP-09.listing", "is": ["weak_cleared", "non_binding", "sister_or_minority",
                                               "binding_licensed", "binding_unlicensed"]},
            "EXP-09 is anything but \u201cChecked, none found\u201d",
        ),
        ({"answer": "PRD-01.types", "has": ["T01", "T02", "T05", "T08", "T09"]},
         "PRD-01 names one of T01, T02, T05, T08, T09"),
        ({"number": "MON-02.confirmed", "at_least": 1}, "MON-02 (Cases confirmed) is at least 1"),
        ({"size": "BUY-16.flags", "at_most": 2}, "BUY-16 has at most 2 entries"),
        ({"ratio": ["MON-02.acted", "MON-02.confirmed"], "at_least": 50},
         "MON-02 (Cases acted on) is at least 50 % of MON-02 (Cases confirmed)"),
        ({"state": "GOV-06", "is": ["not_known"]}, "GOV-06 is not known"),
        ({"answered": "USE-04.people"}, "USE-04 is answered"),
        ({"rows": "product", "at_least": 1}, "at least 1 product is described"),
        ({"rows": "deployment", "at_most": 0}, "no deployment is described"),
        (
            {"rows": "product", "at_least": 2, "where": {"answer": "PRD-05.traits", "is": ["yes"]}},
            "at least 2 products are described for which PRD-05 is \u201cYes, at least one\u201d",
        ),
        (
            {"any": [{"answer": "PRD-06.emotion", "is": ["yes"]}, {"answer": "PRD-13.marketing", "is": ["yes"]}]},
            "at least one of these holds [PRD-06 is \u201cYes\u201d; PRD-13 is \u201cYes\u201d]",
        ),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_words(first: Questionnaire, written: dict[str, object], words: str) -> None:
    assert told(tell(first, CONDITION.validate_python(written))) == words


def test_a_condition_that_opens_a_section_is_told_by_the_section() -> None:
    questionnaire = read_sound("screen")
    when = questionnaire.sections[1].asked_when
    assert when is not None
    assert told(tell(questionnaire, when)) == "section B opens"
    assert told(tell(questionnaire, when, own="B")) == "GOV-01 is \u201cYes\u201d or \u201cIn part\u201d"


def test_every_kind_of_field_has_its_minutes(kinds: Questionnaire) -> None:
    choices = TypeAdapter(AnswerField).json_schema()["discriminator"]["mapping"]
    assert set(MINUTES) == set(choices)
    (question,) = kinds.questions.values()
    assert minutes_of(question) == 2 + sum(MINUTES[field.kind] for field in question.fields.values())
    assert hours_of(kinds, "company") == "1.5"
    assert hours_of(kinds, "product") == "0"
