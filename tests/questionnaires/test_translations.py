"""Translations: documents beside a revision, shown and never digested."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest, revision_json
from questionnaires.translations import Translation, coverage, direction, renew, texts_of, translated
from tests.questionnaires.revising import base
from tests.questionnaires.small import KINDS, question, questionnaire, section

FIXTURES = Path(__file__).parent / "translations"
SMALL = questionnaire(
    section(
        "A",
        question("AAA-01", {"agree": KINDS["agree"], "grid": KINDS["grid"]}, evidence_expected="A file."),
        note="Read.",
    )
)


def read(language: str) -> Translation:
    """Return a fixture for the small questionnaire."""
    texts = json.loads((FIXTURES / f"{language}.json").read_text(encoding="utf-8"))
    return Translation.model_validate({"questionnaire": revision_digest(SMALL), "language": language, "texts": texts})


def test_every_text_that_a_respondent_reads_has_a_place() -> None:
    asked = "/sections/0/questions/0"
    assert texts_of(SMALL) == {
        "/title": "Small", "/introduction": "Answer.", "/sections/0/title": "Section A", "/sections/0/note": "Read.",
        f"{asked}/text": "What about AAA-01?", f"{asked}/help": "Say it.", f"{asked}/why": "It matters.",
        f"{asked}/evidence_expected": "A file.",
        f"{asked}/fields/agree/label": "Agreed", f"{asked}/fields/agree/labels/yes": "Yes",
        f"{asked}/fields/agree/labels/partial": "Only in part", f"{asked}/fields/agree/labels/no": "No",
        f"{asked}/fields/grid/label": "Grid",
        f"{asked}/fields/grid/rows/north": "North", f"{asked}/fields/grid/rows/south": "South",
        f"{asked}/fields/grid/columns/some": "Some", f"{asked}/fields/grid/columns/none": "None",
    }  # fmt: skip


def test_every_text_of_every_kind_is_found() -> None:
    everything = Questionnaire.model_validate(base())
    texts = {place: {"source": text, "text": f"<{text}>"} for place, text in texts_of(everything).items()}
    whole = Translation.model_validate({"questionnaire": revision_digest(everything), "language": "de", "texts": texts})
    shown = texts_of(translated(everything, whole))
    assert shown == {place: f"<{text}>" for place, text in texts_of(everything).items()}
    assert coverage(everything, whole)[:2] == (len(texts), len(texts))


@pytest.mark.parametrize(("language", "way", "title"), [("de", "ltr", "Klein"), ("ar", "rtl", "صغير")])
def test_a_fixture_is_shown_as_far_as_it_goes(language: str, way: str, title: str) -> None:
    translation = read(language)
    shown = translated(SMALL, translation)
    assert (shown.title, shown.language, direction(language)) == (title, language, way)
    assert shown.introduction == ("Bitte antworten." if language == "de" else "Answer.")
    assert shown.questions.keys() == SMALL.questions.keys()
    assert shown.gates == SMALL.gates
    told = coverage(SMALL, translation)
    assert (told.total, told.stale, told.unknown) == (17, (), ())
    assert told.present + len(told.missing) == told.total
    assert (told.present == told.total) is (language == "de")


def test_a_translation_is_no_part_of_the_digest() -> None:
    before = revision_json(SMALL)
    translated(SMALL, read("de"))
    assert revision_json(SMALL) == before
    assert "language" in before


def test_an_entry_whose_original_has_changed_is_told_and_not_shown() -> None:
    data: dict[str, Any] = revision_json(SMALL)
    data["title"] = "Smaller"
    data["sections"][0]["questions"].insert(0, {**data["sections"][0]["questions"][0], "id": "AAA-00", "text": "New?"})
    newer = Questionnaire.model_validate(data)
    old = read("de")
    told = coverage(newer, old)
    assert "/title" in told.stale
    assert "/sections/0/questions/0/text" in told.stale
    assert translated(newer, old).title == "Smaller"
    fresh = renew(old, newer)
    assert fresh.questionnaire == revision_digest(newer)
    assert coverage(newer, fresh).stale == coverage(newer, fresh).unknown == ()
    assert coverage(newer, fresh).missing == ("/title", "/sections/0/questions/0/text")
    assert translated(newer, fresh).questions["AAA-01"].text == "Was ist mit AAA-01?"
    del data["sections"][0]["note"]
    assert coverage(Questionnaire.model_validate(data), old).unknown == ("/sections/0/note",)


@pytest.mark.parametrize(
    ("language", "way"),
    [("en", "ltr"), ("de-CH", "ltr"), ("ar-EG", "rtl"), ("fa", "rtl"), ("he", "rtl"), ("ur-PK", "rtl"), ("ckb", "rtl"),
     ("ku", "ltr"), ("ku-Arab", "rtl"),
     ("az-Arab-IR", "rtl"), ("ur-Latn", "ltr"), ("zh-Hant-TW", "ltr"), ("es-419", "ltr")],
)  # fmt: skip
def test_the_direction_is_that_of_the_script(language: str, way: str) -> None:
    assert direction(language) == way
    Translation.model_validate({"questionnaire": revision_digest(SMALL), "language": language, "texts": {}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "german"},
        {"language": "de_DE"},
        {"questionnaire": "small"},
        {"texts": {"title": {"source": "Small", "text": "Klein"}}},
        {"texts": {"/title": {"source": "Small", "text": ""}}},
        {"texts": {"/title": {"source": "Small", "text": "\u202eKlein"}}},
        {"texts": {"/title": {"text": "Klein"}}},
        {"digest": "sha256:0"},
    ],
    ids=str,
)
def test_a_malformed_translation_is_refused(wrong: dict[str, Any]) -> None:
    right = {"questionnaire": revision_digest(SMALL), "language": "de", "texts": {}}
    Translation.model_validate(right)
    with pytest.raises(ValidationError):
        Translation.model_validate({**right, **wrong})
