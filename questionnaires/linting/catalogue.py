"""The findings that the linter knows, as data: the documentation prints this table.

Invariants: a code has one severity and one mend; an error keeps a revision from being published or from being scored as
its author means, a warning is for the author to weigh.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Kind(NamedTuple):
    """One kind of finding: how grave it is, what is wrong in general, and what mends it."""

    severity: Severity
    meaning: str
    mend: str


class Finding(NamedTuple):
    """One thing to mend: its code, where it stands, what is wrong and what mends it.

    `pointer` is a JSON pointer into the definition; `line` counts from 1 and is None where there is no text.
    """

    code: str
    severity: Severity
    pointer: str
    line: int | None
    problem: str
    mend: str


def find(code: str, pointer: str, problem: str) -> Finding:
    """Return a finding of a kind that the catalogue has; KeyError for any other."""
    kind = CATALOGUE[code]
    return Finding(code, kind.severity, pointer, None, problem, kind.mend)


_FORM: Mapping[str, Kind] = {
    "not-readable": Kind("error", "The text is not YAML.", "Mend the syntax at the line given."),
    "too-large": Kind(
        "error",
        "The definition is larger or deeper than any reader follows.",
        "Split the questionnaire, and use anchors sparingly.",
    ),
    "duplicate-key": Kind(
        "error", "A key stands twice in one mapping, so that the first is lost.", "Keep one of them."
    ),
    "missing-key": Kind("error", "Something that every definition needs is not there.", "Add it."),
    "unknown-key": Kind("error", "A key that the model does not know, often a misspelling.", "Rename or remove it."),
    "wrong-form": Kind("error", "A value has a form that the model refuses.", "Write it in the form that is named."),
}
_STRUCTURE: Mapping[str, Kind] = {
    "section-twice": Kind("error", "Two sections have one code.", "Give each section its own letter."),
    "question-twice": Kind("error", "Two questions have one id.", "Give one of them a new number."),
    "unknown-reference": Kind(
        "error", "A condition names a question or field that does not exist.", "Name an existing `QUESTION.field`."
    ),
    "unknown-choice": Kind(
        "error", "A condition looks for a choice that the field does not offer.", "Name a choice of the field."
    ),
    "unknown-rows": Kind("error", "A condition counts rows of which nothing is asked.", "Count another group's rows."),
    "unseen-reference": Kind(
        "error",
        "A condition looks at answers that do not speak about its own row.",
        "Look at the row's own group or one that it belongs to, or count rows.",
    ),
    "unfit-operator": Kind(
        "error", "An operator cannot read a field of this kind.", "Use an operator that fits the field's kind."
    ),
    "condition-on-criterion": Kind(
        "error", "A question hangs on a criterion.", "Let it hang on the answers that the criterion follows from."
    ),
    "depends-on-itself": Kind("error", "A question hangs on its own answer.", "Let it hang on an earlier question."),
    "circle": Kind("error", "Questions hang on each other in a circle.", "Take one of their conditions away."),
    "long-chain": Kind("error", "Too many questions hang on each other in a row.", "Let the last hang on the first."),
}
_REACH: Mapping[str, Kind] = {
    "never-asked": Kind(
        "error", "No answers can satisfy the condition, so the question is never asked.", "Correct the condition."
    ),
    "asked-only-when-open": Kind(
        "warning",
        "The condition contradicts the condition of a question that it looks at, so that it can hold only while an "
        "answer is open.",
        "Correct one of the two conditions.",
    ),
    "always-asked": Kind("warning", "The condition holds whatever is answered.", "Remove or correct the condition."),
    "end-use-can-be-skipped": Kind(
        "error",
        "Every question about end use has a condition, so that a respondent can pass the screen without any.",
        "Ask at least one question that feeds an end-use criterion without a condition.",
    ),
}
_USE: Mapping[str, Kind] = {
    "unknown-criterion": Kind("error", "A question feeds a criterion that does not exist.", "Name an existing one."),
    "feeds-unused": Kind(
        "warning",
        "A question says that it feeds a criterion whose rule reads none of its fields.",
        "Take the criterion out of `feeds`, or let its rule read a field.",
    ),
    "feeds-missing": Kind(
        "warning",
        "A rule reads a question that does not say so in `feeds`.",
        "Add the criterion to `feeds`: respondents are told what an answer counts for.",
    ),
    "criterion-unfed": Kind(
        "error",
        "A criterion reads no answer, or only questions that do not exist.",
        "Add a question that it can read, or score with other criteria.",
    ),
    "rule-reads-nothing": Kind(
        "error", "A rule reads a field that the questionnaire does not have.", "Add the field, or use other criteria."
    ),
    "rule-choice-missing": Kind(
        "error", "A rule looks for a choice that the field does not offer.", "Add the choice, or use other criteria."
    ),
    "choice-not-in-table": Kind(
        "error",
        "A rule looks a field up in a table that lacks one of its choices, so that the answer cannot be scored.",
        "Add the choice to the table, or take it away.",
    ),
    "field-unread": Kind(
        "warning",
        "A field that is not free text, in a question that feeds criteria, is read by no rule and no condition.",
        "Let a rule read it, name it in `for_readers`, or take it out.",
    ),
    "choices-alike": Kind(
        "warning",
        "No rule, table or condition tells several choices of a field apart.",
        "Let a rule tell them apart, name the field in `for_readers`, or join them.",
    ),
    "for-readers-scored": Kind(
        "warning",
        "A field is said to be for readers, while the rules read all of it.",
        "Take it out of `for_readers`: respondents are told what an answer counts for.",
    ),
}
_WORDING: Mapping[str, Kind] = {
    "asks-for-value": Kind(
        "error",
        "A question asks for a criterion's value, so that respondents score themselves.",
        "Ask for a fact, and let a rule say what follows.",
    ),
    "unchecked-authority": Kind(
        "warning",
        "The wording cites a framework as authority, while no reference to it is checked.",
        "Read the framework and mark the reference `checked: true`, or take the name out of the wording.",
    ),
    "no-reference": Kind("warning", "A question has no reference.", "Name the framework that it comes from."),
    "no-evidence": Kind("warning", "A question does not say which evidence is expected.", "Add `evidence_expected`."),
    "says-nothing": Kind(
        "warning", "A help, a reason or an expected evidence says nothing.", "Say it in a sentence of its own."
    ),
    "double-barrelled": Kind(
        "warning", "A question seems to ask two things at once.", "Split it, or give each part a field of its own."
    ),
    "leading": Kind("warning", "A question suggests its answer.", "Ask neutrally."),
    "long-sentence": Kind("warning", "A sentence has more than 30 words.", "Make two of it."),
    "hard-to-read": Kind("warning", "A question reads above grade 16.", "Use shorter words and sentences."),
    "hard-to-read-whole": Kind("warning", "The whole reads above grade 12.", "Begin with the hardest questions."),
    "near-limit": Kind("warning", "A text is nearly as long as it may be.", "Shorten it."),
    "code-style": Kind(
        "warning",
        "Codes are neither all lower-case words nor all codes of a list (T01, AE).",
        "Write codes in lower case.",
    ),
    "no-way-to-say-none": Kind(
        "warning",
        'A closed question offers no "no", "none" or "other", so that whoever fits no choice must choose a wrong one.',
        "Add such a choice.",
    ),
}
_TRANSLATION: Mapping[str, Kind] = {
    "translation-of-another": Kind(
        "warning", "A translation names another revision.", "Renew the translation for this revision."
    ),
    "translation-missing": Kind("warning", "A text has no translation.", "Translate it."),
    "translation-stale": Kind(
        "error", "A translation was made from another wording.", "Translate the present wording."
    ),
    "translation-unknown": Kind("warning", "A translation translates what is not there.", "Take the entry out."),
}
CATALOGUE: Mapping[str, Kind] = {**_FORM, **_STRUCTURE, **_REACH, **_USE, **_WORDING, **_TRANSLATION}
"""Every kind of finding by code, in the order in which the documentation lists them."""
