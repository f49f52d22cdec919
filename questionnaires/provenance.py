"""Where the questions of a questionnaire come from and what they feed, as Markdown for its readers.

Invariants: everything is read from the revision itself, in its order, so that the page cannot say anything else; a
reference that nobody has checked is marked wherever it stands.
"""

from collections import Counter
from collections.abc import Iterator

from questionnaires.definition import Question, Questionnaire, Section

UNCHECKED = "(?)"


def tell_provenance(questionnaire: Questionnaire) -> str:
    """Return the counts of checked and unchecked references, and a line per question."""
    return "\n".join([*_counts(questionnaire), "", *_questions(questionnaire)]) + "\n"


def _counts(questionnaire: Questionnaire) -> Iterator[str]:
    questions = questionnaire.questions.values()
    checked, unchecked = Counter[str](), Counter[str]()
    for question in questions:
        for reference in question.references:
            (checked if reference.checked else unchecked)[reference.framework] += 1
    proven = sum(any(reference.checked for reference in question.references) for question in questions)
    without = sum(not question.references for question in questions)
    yield (
        f"{len(questions)} questions name {checked.total() + unchecked.total()} places: {checked.total()} checked, "
        f"{unchecked.total()} not. {proven} questions have at least one checked reference, {without} have none at all."
    )
    yield ""
    yield "| framework | checked | not checked |"
    yield "|---|---|---|"
    for framework in sorted(checked | unchecked):
        yield f"| {_cell(framework)} | {checked[framework]} | {unchecked[framework]} |"


def _questions(questionnaire: Questionnaire) -> Iterator[str]:
    yield f"{UNCHECKED} marks a reference that is not checked."
    yield ""
    yield "| question | section | asked per | comes from | feeds |"
    yield "|---|---|---|---|---|"
    for section in questionnaire.sections:
        yield from (_line(section, question) for question in section.questions)


def _line(section: Section, question: Question) -> str:
    sources = "; ".join(
        f"{reference.framework}, {reference.locator}{'' if reference.checked else f' {UNCHECKED}'}"
        for reference in question.references
    )
    return f"| {question.id} | {section.code} | {question.per} | {_cell(sources)} | {', '.join(question.feeds)} |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
