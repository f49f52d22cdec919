"""Translations of a questionnaire: documents of their own beside a revision, for display only.

Invariants: a translation is never part of a revision's digest, and answers are always those to the original; an entry
carries the text that it translates, so that one whose original has changed is found and not shown.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field, StringConstraints

from questionnaires.comparison import labels_of
from questionnaires.definition import (
    AnswerField,
    Column,
    DigestText,
    Language,
    Model,
    Questionnaire,
    TableField,
    Text,
    YesPartialNoField,
)
from questionnaires.revisions import revision_digest, revision_json

MOST_TEXTS = 50_000
_RTL_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
_RTL_LANGUAGES = frozenset(
    {
        "ar",
        "arc",
        "arz",
        "ckb",
        "dv",
        "fa",
        "glk",
        "he",
        "lrc",
        "mzn",
        "nqo",
        "ps",
        "sd",
        "skr",
        "syr",
        "ug",
        "ur",
        "yi",
    }
)
_OVERRIDES = frozenset(map(chr, range(0x202A, 0x202F)))


def _check_text(text: str) -> str:
    """Refuse characters that turn the direction of what follows: isolates do what is needed, and end by themselves."""
    if not _OVERRIDES.isdisjoint(text):
        raise ValueError("a translation must not hold characters that override the direction of text; use isolates")
    return text


class Entry(Model):
    """One text: the original that was translated, and the translation."""

    source: Text
    text: Annotated[Text, AfterValidator(_check_text)]


class Translation(Model):
    """The texts of one revision in another language, by JSON pointer into the revision."""

    questionnaire: DigestText
    language: Language
    texts: dict[Annotated[str, StringConstraints(pattern=r"^/", max_length=300)], Entry] = Field(max_length=MOST_TEXTS)


class Coverage(NamedTuple):
    """How much of a revision a translation speaks: `stale` entries translate an older text, `unknown` lead nowhere."""

    present: int
    total: int
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    unknown: tuple[str, ...]


def texts_of(questionnaire: Questionnaire) -> dict[str, str]:
    """Return every text that a respondent reads, by JSON pointer, in reading order."""
    return dict(_texts(questionnaire))


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    yield from _prose(questionnaire, "", "title", "introduction")
    for number, section in enumerate(questionnaire.sections):
        yield from _prose(section, f"/sections/{number}", "title", "note")
        for order, question in enumerate(section.questions):
            place = f"/sections/{number}/questions/{order}"
            yield from _prose(question, place, "text", "help", "why", "evidence_expected")
            yield from _field_texts(question.fields, f"{place}/fields")


def _prose(owner: Model, place: str, *names: str) -> Iterator[tuple[str, str]]:
    for name in names:
        text: str | None = getattr(owner, name)
        if text is not None:
            yield f"{place}/{name}", text


def _field_texts(fields: Mapping[str, AnswerField] | Mapping[str, Column], base: str) -> Iterator[tuple[str, str]]:
    for name, field in fields.items():
        place = f"{base}/{name}"
        yield f"{place}/label", field.label
        for part, labels in labels_of(field).items():
            keyword = part.strip() or ("labels" if isinstance(field, YesPartialNoField) else "choices")
            yield from ((f"{place}/{keyword}/{code}", label) for code, label in labels.items())
        if isinstance(field, TableField):
            yield from _field_texts(field.columns, f"{place}/columns")


def coverage(questionnaire: Questionnaire, translation: Translation) -> Coverage:
    """Return how much of a revision a translation speaks; only entries for the present text count."""
    texts = texts_of(questionnaire)
    entries = translation.texts
    current = {place for place, entry in entries.items() if texts.get(place) == entry.source}
    return Coverage(
        present=len(current),
        total=len(texts),
        missing=tuple(place for place in texts if place not in entries),
        stale=tuple(place for place in entries if place in texts and place not in current),
        unknown=tuple(place for place in entries if place not in texts),
    )


def translated(questionnaire: Questionnaire, translation: Translation) -> Questionnaire:
    """Return a questionnaire for display, in the translation's language as far as it goes; its digest means nothing."""
    form, texts = revision_json(questionnaire), texts_of(questionnaire)
    for place, entry in translation.texts.items():
        if texts.get(place) == entry.source:
            _put(form, place, entry.text)
    form["language"] = translation.language
    return Questionnaire.model_validate(form)


def _put(form: Any, place: str, text: str) -> None:
    *path, last = place.split("/")[1:]  # no name in a revision needs an escape
    for part in path:
        form = form[int(part)] if isinstance(form, list) else form.setdefault(part, {})
    form[last] = text


def renew(translation: Translation, questionnaire: Questionnaire) -> Translation:
    """Return what of a translation still speaks for another revision: by text, wherever it stands now."""
    known = {entry.source: entry for entry in translation.texts.values()}
    at_place = translation.texts
    texts = {
        place: at_place[place] if place in at_place and at_place[place].source == text else known[text]
        for place, text in texts_of(questionnaire).items()
        if text in known
    }
    return Translation(questionnaire=revision_digest(questionnaire), language=translation.language, texts=texts)


def direction(language: str) -> str:
    """Return `rtl` or `ltr`: the direction of a language tag's script, or of the one its language is written in."""
    subtags = language.split("-")
    script = next((part for part in subtags[1:] if len(part) == 4), None)  # noqa: PLR2004  # BCP 47: four letters
    if script is not None:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if subtags[0] in _RTL_LANGUAGES else "ltr"
