"""Coverage: how much of what was asked has been answered, and how much of that has evidence.

Invariants: an admission counts as an answer; "not known", a refusal to say and silence do not; an answer counts once
all its fields but free text and files are stated; a question that may be left open is not counted; products and
deployments without rows count as one row left blank, while incidents without rows are none.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from questionnaires.definition import FilesField, FreeText, Group, Question, Questionnaire
from questionnaires.documents import Answer, AnswerKey, Document, answers_of, value_of
from questionnaires.visibility import Visible


class Tally(NamedTuple):
    """Counts of questions, each once per row."""

    asked: int
    answered: int
    with_evidence: int


class Coverage(NamedTuple):
    """The tallies of each section, in reading order."""

    sections: Mapping[str, Tally]

    @property
    def total(self) -> Tally:
        """The sum over all sections."""
        tallies = self.sections.values()
        return Tally(*(sum(counts) for counts in zip(*tallies, strict=True)))


Owner: TypeAlias = tuple[Group, str]
"""The group and the row that answers belong to (`("company", "")`)."""

Tallies: TypeAlias = Mapping[Owner, Mapping[str, list[int]]]
"""Per owner and section: asked, answered, with evidence."""


def tally(
    questionnaire: Questionnaire, document: Document, visible: Visible, levels: Mapping[AnswerKey, int]
) -> Tallies:
    """Return the tallies of every owner, of the questions that are asked (see `visibility.asked`)."""
    counted = _counted(questionnaire)
    alike: dict[tuple[str, ...], tuple[Mapping[str, int], frozenset[str]]] = {}  # of most rows the same is asked
    found: dict[Owner, dict[str, list[int]]] = {}
    for group in questionnaire.groups:
        for row, ids in (visible[group] or _one_blank_row(questionnaire, group)).items():
            if ids not in alike:
                alike[ids] = Counter(counted[id_][0] for id_ in ids if id_ in counted), frozenset(counted.keys() & ids)
            numbers, among = alike[ids]
            counts = found[group, row] = {section: [number, 0, 0] for section, number in numbers.items()}
            answers = answers_of(document, group, row)
            for id_ in among & answers.keys():
                section, needed = counted[id_]
                if needed <= value_of(answers[id_]).keys():
                    counts[section][1] += 1
                    counts[section][2] += levels.get(AnswerKey(id_, row), 0) > 0
    return found


_COUNTED = "_counted"


def _counted(questionnaire: Questionnaire) -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return the section and the needed fields of every question that is counted; found once per questionnaire."""
    known = questionnaire.__dict__.get(_COUNTED)
    if known is None or known[0] is not questionnaire.sections:  # a copy may have other questions
        found = {
            question.id: (section.code, needed_fields(question))
            for section in questionnaire.sections
            for question in section.questions
            if question.required
        }
        known = questionnaire.__dict__[_COUNTED] = questionnaire.sections, found
    counted: Mapping[str, tuple[str, frozenset[str]]] = known[1]
    return counted


def cover(
    questionnaire: Questionnaire, document: Document, visible: Visible, levels: Mapping[AnswerKey, int]
) -> Coverage:
    """Return the coverage of a document, of the questions that are asked (see `visibility.asked`)."""
    return add_up(questionnaire, tally(questionnaire, document, visible, levels))


def add_up(questionnaire: Questionnaire, tallies: Tallies) -> Coverage:
    """Return the coverage that the tallies of all owners make."""
    sums: dict[str, list[int]] = {section.code: [0, 0, 0] for section in questionnaire.sections}
    for counts in tallies.values():
        for code, count in counts.items():
            sums[code] = [one + other for one, other in zip(sums[code], count, strict=True)]
    return Coverage({code: Tally(*count) for code, count in sums.items()})


def is_answered(question: Question, answer: Answer | None) -> bool:
    """Return whether every field that an answer needs is stated."""
    return needed_fields(question) <= value_of(answer).keys()


def needed_fields(question: Question) -> frozenset[str]:
    """Return the fields that make an answer: all but free text and files (these where there is nothing else)."""
    needed = frozenset(name for name, field in question.fields.items() if not isinstance(field, FreeText | FilesField))
    return needed or frozenset(question.fields)


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as JSON: the totals, and the tally of every section."""
    sections = [{"section": code, **tally._asdict()} for code, tally in coverage.sections.items()]
    return {**coverage.total._asdict(), "sections": sections}


def _one_blank_row(questionnaire: Questionnaire, group: Group) -> dict[str, tuple[str, ...]]:
    return {"": tuple(questionnaire.by_group[group])} if group != "incident" else {}
