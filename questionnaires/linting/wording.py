"""How questions are worded: what leads, what is too long, what asks for two things, what claims an authority.

Invariants: only signs that a reader can check are looked for; what needs understanding is left to people.
"""

import re
from collections.abc import Iterator

from questionnaires.definition import (
    IntegerField,
    OneField,
    PercentField,
    Question,
    Questionnaire,
    TableField,
    YesPartialNoField,
)
from questionnaires.linting.authority import check_authority
from questionnaires.linting.catalogue import Finding, find
from questionnaires.linting.places import Places
from questionnaires.readability import grade, sentences, words

LONGEST_SENTENCE = 30
"""Words."""
HARDEST_QUESTION = 160
"""Tenths of a grade, of a question with its help and its reason: above it, only people with a degree follow easily."""
HARDEST_WHOLE = 120
"""Tenths of a grade, of all questions together: the end of secondary school."""
FEWEST_FOR_WHOLE = 5
"""Questions from which on the whole says more than its parts."""
NEAR_LIMIT = 1800
"""Characters, of the 2,000 that a text may have."""
LOWEST_SCALE, HIGHEST_SCALE = 3, 10
"""A whole number whose largest value lies here and whose label speaks of a rating asks for a level."""

_LEVELS = {"low", "moderate", "medium", "elevated", "high", "severe", "critical", "very low", "very high", "extreme"}
_RATES = re.compile(r"\b(rate|rating|score|severity|risk level|level of risk|points)\b", re.IGNORECASE)
_LEADING = re.compile(
    r"\b(do(n't| not)? you agree|would(n't)? you agree|surely|of course|obviously|isn't it|don't you|is it not|"
    r"you will agree|as everyone knows|clearly)\b",
    re.IGNORECASE,
)
_DOUBLE = re.compile(r"\band/or\b", re.IGNORECASE)
_SAYS_NOTHING = re.compile(r"(-+|n/?a|none|tbd|todo|see above|\.+|\?+|x+)\.?", re.IGNORECASE)
_SAYS_NONE = re.compile(
    r"\b(no|none|not|never|nobody|nothing|neither|nowhere|without|other|others|another|unknown|other than)\b",
    re.IGNORECASE,
)
_WORD_CODE = re.compile(r"[a-z][a-z0-9_]*")
_LIST_CODE = re.compile(r"[A-Z][A-Z0-9]{1,3}")


def check_wording(questionnaire: Questionnaire, places: Places) -> Iterator[Finding]:
    """Yield what is wrong with how a questionnaire is worded."""
    english = questionnaire.language.partition("-")[0] == "en"
    yield from _check_text("/introduction", questionnaire.introduction)
    for at, section in enumerate(questionnaire.sections):
        if section.note is not None:
            yield from _check_text(places.of_section(at) + "/note", section.note)
    for question in questionnaire.questions.values():
        yield from _check_question(question, places)
        if english:
            yield from _check_english(question, places)
    if english and len(questionnaire.questions) >= FEWEST_FOR_WHOLE:
        whole = grade("\n\n".join(map(_prose, questionnaire.questions.values())))
        if whole > HARDEST_WHOLE:
            yield find("hard-to-read-whole", "", f"all questions together read at grade {_figure(whole)}")


def _check_question(question: Question, places: Places) -> Iterator[Finding]:
    id_ = question.id
    texts = {"text": question.text, "help": question.help, "why": question.why}
    if question.evidence_expected is None:
        yield find("no-evidence", places.of(id_), f"{id_} expects no evidence")
    else:
        texts["evidence_expected"] = question.evidence_expected
    for name, text in texts.items():
        yield from _check_text(places.of(id_, name), text)
        if name != "text" and (_SAYS_NOTHING.fullmatch(text) or text == question.text):
            yield find("says-nothing", places.of(id_, name), f"`{name}` of {id_} says nothing of its own")
    if not question.references:
        yield find("no-reference", places.of(id_), f"{id_} has no reference")
    yield from check_authority(question, places)
    for name, field in question.fields.items():
        yield from _check_field(question, name, field, places.of(id_, "fields", name))


def _check_text(place: str, text: str) -> Iterator[Finding]:
    for sentence in sentences(text):
        count = len(words(sentence))
        if count > LONGEST_SENTENCE:
            begins = " ".join(words(sentence)[:4])
            yield find("long-sentence", place, f'the sentence that begins with "{begins}" has {count} words')
    if len(text) > NEAR_LIMIT:
        yield find("near-limit", place, f"the text has {len(text)} characters, and may have 2000")


def _check_english(question: Question, places: Places) -> Iterator[Finding]:
    place = places.of(question.id, "text")
    if _DOUBLE.search(question.text):
        yield find("double-barrelled", place, f'{question.id} says "and/or"')
    if question.text.count("?") > 1:
        yield find("double-barrelled", place, f"{question.id} has {question.text.count('?')} question marks")
    leading = _LEADING.search(question.text)
    if leading is not None:
        yield find("leading", place, f'{question.id} says "{leading[0].lower()}"')
    level = grade(_prose(question))
    if level > HARDEST_QUESTION:
        yield find("hard-to-read", places.of(question.id), f"{question.id} reads at grade {_figure(level)}")
    for name, field in question.fields.items():
        if isinstance(field, OneField) and not any(_says_none(*choice) for choice in field.choices.items()):
            place = places.of(question.id, "fields", name)
            yield find("no-way-to-say-none", place, f"no choice of {question.id}.{name} says no, none or other")


def _check_field(question: Question, name: str, field: object, place: str) -> Iterator[Finding]:
    if isinstance(field, TableField):
        for column, inner in field.columns.items():
            yield from _check_field(question, f"{name}.{column}", inner, f"{place}/columns/{column}")
    choices = getattr(field, "choices", {})
    if choices and not isinstance(field, YesPartialNoField):
        if _is_scale(choices):
            yield find("asks-for-value", place, f"{question.id}.{name} offers the levels of a scale")
        elif not (all(map(_WORD_CODE.fullmatch, choices)) or all(map(_LIST_CODE.fullmatch, choices))):
            odd = [code for code in choices if not _WORD_CODE.fullmatch(code)]
            yield find("code-style", place, f"{question.id}.{name} has {', '.join(odd[:5])}")
    if _asks_for_rating(field, question.text):
        yield find("asks-for-value", place, f"{question.id}.{name} asks for a rating")


def _asks_for_rating(field: object, text: str) -> bool:
    """Return whether a number is asked for in the words of a rating, and could be one."""
    if isinstance(field, IntegerField):
        fits = LOWEST_SCALE <= field.maximum <= HIGHEST_SCALE
    else:
        fits = isinstance(field, PercentField)
    return fits and _RATES.search(f"{getattr(field, 'label', '')} {text}") is not None


def _is_scale(choices: dict[str, str]) -> bool:
    """Return whether choices are numbers from 0 on, or words of severity."""
    if all(code.isdecimal() for code in choices):
        return True
    return any(
        sum(text.lower() in _LEVELS for text in texts) * 2 > len(choices) for texts in (choices, choices.values())
    )


def _says_none(code: str, label: str) -> bool:
    return _SAYS_NONE.search(code.replace("_", " ")) is not None or _SAYS_NONE.search(label) is not None


def _prose(question: Question) -> str:
    return f"{question.text}\n\n{question.help}\n\n{question.why}"


def _figure(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"
