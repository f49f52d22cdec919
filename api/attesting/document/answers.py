"""Answers in words: every question that was asked, per row, with state and evidence.

Invariants: an answer stands as it was given; a question without an answer is listed as open, never left out; each piece
of evidence is one entry of the register, whatever number of answers it stands behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.attesting.document.wording import OPEN_STATES, counted
from questionnaires.completeness import is_answered
from questionnaires.context import Area
from questionnaires.definition import (
    AreaField,
    DateRangeField,
    FilesField,
    MatrixField,
    MoneyField,
    MultiField,
    OneField,
    OrganisationField,
    PercentField,
    ProductField,
    Question,
    Questionnaire,
    TableField,
    YesPartialNoField,
)
from questionnaires.documents import Answer, AnswerKey, Document, answers_of, value_of
from questionnaires.explanation import DOES_NOT_APPLY
from questionnaires.visibility import asked

Evidence = Mapping[AnswerKey, Sequence[Mapping[str, Any]]]


class Proof(NamedTuple):
    """One piece of evidence behind one answer: its number in the register, and its grade."""

    number: int
    grade: str


class Given(NamedTuple):
    """One answer of one row: labelled values in words, what was added to them, and the evidence."""

    mark: str
    owner: str
    values: tuple[tuple[str, str | None], ...]
    state: str | None
    notes: tuple[tuple[str, str], ...]
    proofs: tuple[Proof, ...]
    is_open: bool = False
    """Whether it says nothing, so that the method reads it at its worst; a copy in part may not know."""


class Asked(NamedTuple):
    """A question with its answers: one for the company, else one per row that it was asked of."""

    question: Question
    given: tuple[Given, ...]


class Part(NamedTuple):
    """A section of the questionnaire, with its tally of questions asked, answered and with evidence."""

    code: str
    title: str
    questions: tuple[Asked, ...]
    tally: Mapping[str, int]


class Registered(NamedTuple):
    """A file in the register of evidence: number, digest, its days, who graded it, the answers it backs."""

    number: int
    digest: str
    dated: str
    graded_by: str
    answers: str


class Names(NamedTuple):
    """The names that the bundle gives to codes: products and deployments (mark and name), and the places."""

    owners: Mapping[tuple[str, str], tuple[str, str]]
    areas: Mapping[str, Area]

    def place(self, code: str) -> str:
        """Return a place's name and code; the code alone where the context has no such place."""
        area = self.areas.get(code)
        return f"{area.name} ({code})" if area else code

    def product(self, row: str) -> str:
        """Return a product's name; its row id where it has none."""
        return self.owners.get(("product", row), ("", row))[1] or row


def list_parts(  # noqa: PLR0913, PLR0917  # what was asked, said, proven and accepted
    questionnaire: Questionnaire, document: Document, evidence: Evidence, names: Names, coverage: Mapping[str, Any],
    accepted: frozenset[AnswerKey],
) -> tuple[Part, ...]:  # fmt: skip
    """Return all sections with what was asked and answered, in reading order.

    `accepted` are the answers of which a reviewer accepted that the question does not apply.
    """
    rows_asked = asked(questionnaire, document)
    numbers = number_evidence(evidence)
    tallies = {tally["section"]: tally for tally in coverage["sections"]}

    def given(question: Question) -> Iterator[Given]:
        for row, ids in rows_asked[question.per].items():
            if question.id in ids:
                answer = answers_of(document, question.per, row).get(question.id)
                items = evidence.get(AnswerKey(question.id, row), ())
                proofs = tuple(sorted(Proof(numbers[item["digest"]], item["grade"]) for item in items))
                owner = names.owners.get((question.per, row), ("", ""))
                yield give(question, answer, owner, proofs, names, accepted=AnswerKey(question.id, row) in accepted)

    return tuple(
        Part(
            section.code,
            section.title,
            tuple(Asked(question, tuple(sorted(given(question), key=_by_mark))) for question in section.questions),
            tallies[section.code],
        )
        for section in questionnaire.sections
    )


def _by_mark(given: Given) -> tuple[int, str]:
    return len(given.mark), given.mark


def number_evidence(evidence: Evidence) -> dict[str, int]:
    """Return the number of each digest, from 1, in the order of the digests."""
    digests = sorted({item["digest"] for items in evidence.values() for item in items})
    return {digest: number for number, digest in enumerate(digests, 1)}


def register(evidence: Evidence) -> tuple[Registered, ...]:
    """Return the register of evidence."""
    found: list[Registered] = []
    for digest, number in number_evidence(evidence).items():
        uses = [(key, item) for key, items in sorted(evidence.items()) for item in items if item["digest"] == digest]
        graders = {item["graded_by"]["name"] for _, item in uses if item.get("graded_by")}
        found.append(
            Registered(
                number,
                digest,
                ", ".join(sorted({item["dated"] or "undated" for _, item in uses})),
                ", ".join(sorted(graders)) or "nobody",
                ", ".join(sorted({key.question for key, _ in uses})),
            )
        )
    return tuple(found)


def give(  # noqa: PLR0913  # the parts of an answer
    question: Question, answer: Answer | None, owner: tuple[str, str], proofs: tuple[Proof, ...], names: Names,
    *, accepted: bool | None,
) -> Given:  # fmt: skip
    """Return one answer in words; `owner` is the mark and the name of its row.

    `accepted`: whether a reviewer accepted that the question does not apply; None where that is not known.
    """
    state = "not_answered" if answer is None else answer["state"]
    stated = value_of(answer)
    values = tuple(
        (field.label if len(question.fields) > 1 else "", _word(field, stated[name], names) if name in stated else None)
        for name, field in question.fields.items()
    )
    notes = tuple(
        (label, answer[key])
        for key, label in (("reason", "Reason"), ("legal_basis", "Legal basis"), ("reply", "Reply"))
        if answer is not None and answer.get(key)
    )
    shown = values if stated else ()
    word = OPEN_STATES.get(state) or ("disputed" if state == "disputed" else None)
    if word is None and not is_answered(question, answer):
        word = "answered in part"
    applies = state != "not_applicable" or accepted is False
    if state == "not_applicable" and accepted:
        word = DOES_NOT_APPLY
    return Given(*owner, shown, word, notes, proofs, is_open=not shown and applies)


def _word(field: Any, stated: Any, names: Names) -> str:  # noqa: PLR0911  # one line per kind
    match field:
        case OneField() | YesPartialNoField():
            return str(field.choices.get(stated, stated))
        case MultiField():
            return "; ".join(field.choices.get(code, code) for code in stated) or "none of these"
        case PercentField():
            return f"{stated} %"
        case AreaField():
            return names.place(stated)
        case ProductField():
            return names.product(stated)
        case TableField():
            return "; ".join(_word_row(field, row, names) for row in stated) or "no line"
        case _:
            return _word_whole(field, stated)


def _word_whole(field: Any, stated: Any) -> str:
    match field:
        case MatrixField():
            chosen = (
                f"{label}: {field.columns.get(stated[row], stated[row])}"
                for row, label in field.rows.items()
                if row in stated
            )
            return "; ".join(chosen)
        case MoneyField():
            return f"{stated['amount']} {stated['currency']}"
        case DateRangeField():
            return f"{stated['from']} to {stated['to']}"
        case OrganisationField():
            more = (f"{label} {stated[key]}" for key, label in _OF_ORGANISATIONS.items() if key in stated)
            return ", ".join((stated["name"], *more))
        case FilesField():
            return f"{len(stated)} {'file' if len(stated) == 1 else 'files'} in the register of evidence"
        case _:
            return counted(stated) if isinstance(stated, int) else str(stated)


_OF_ORGANISATIONS = {"country": "country", "lei": "LEI", "register_number": "register number"}


def _word_row(field: TableField, row: Mapping[str, Any], names: Names) -> str:
    cells = (
        _word(column, row[name], names) if name in row else f"{column.label} open"
        for name, column in field.columns.items()
    )
    return ", ".join(cells)
