"""The answer document: what a respondent has said so far.

A document is plain JSON: `company` maps question ids to answers; `product`, `deployment` and `incident` map row ids to
rows with a `name`, their `answers` and, for a deployment, its `product`, for an incident, its `deployment` or null.
Invariants: an answer whose state shows no value is open; nothing here depends on the order of keys; a document without
incidents has no such key.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from questionnaires.definition import ROW_GROUPS, Group

Answer = Mapping[str, Any]
"""`state`, and as the state needs: `value`, `reason`, `legal_basis`, `reply`."""

Document = Mapping[str, Any]

STATES = (
    "answered", "not_known", "not_applicable", "declined_confidential", "declined_legal", "disputed", "not_answered",
)  # fmt: skip
SHOWS_VALUE = frozenset({"answered", "disputed"})
"""States whose value is read. A disputed value counts as it stands and is printed beside the reply."""

STATED_STATES = frozenset(STATES) - {"not_answered"}
"""States that were chosen. Without one of them an answer may still come to have any."""

NOTHING: Mapping[str, Any] = {}
"""What an answer that shows nothing holds."""


class AnswerKey(NamedTuple):
    """Names one answer: the question and the row (empty for the company)."""

    question: str
    row: str


class Deployment(NamedTuple):
    """A deployment row with all answers that speak about it, by question."""

    row: str
    product: str
    answers: Mapping[str, Answer]


def answers_of(document: Document, group: Group, row: str = "") -> Mapping[str, Answer]:
    """Return the answers of the company or of one row; empty where there is none."""
    owner = document if group == "company" else document.get(group, NOTHING).get(row, NOTHING)
    answers: Mapping[str, Answer] = owner.get("company" if group == "company" else "answers", NOTHING)
    return answers


def iterate(document: Document) -> Iterator[tuple[Group, AnswerKey, Answer]]:
    """Yield every answer of a document with its group and key."""
    for question, answer in document.get("company", NOTHING).items():
        yield "company", AnswerKey(question, ""), answer
    for group in ROW_GROUPS:
        for row, content in document.get(group, NOTHING).items():
            for question, answer in content.get("answers", NOTHING).items():
                yield group, AnswerKey(question, row), answer


def compose(company: Mapping[str, Any], rows: Mapping[Group, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document of the company's answers and the rows; incidents only where there are any."""
    document: dict[str, Any] = {"company": company}
    for group in ROW_GROUPS:
        if group != "incident" or rows.get(group):
            document[group] = rows.get(group, {})
    return document


def owners_of(document: Document, group: Group, row: str) -> list[tuple[Group, str]]:
    """Return the groups and rows whose answers speak about a row, from the company to the row itself."""
    own: Mapping[str, Any] = document.get(group, NOTHING).get(row, NOTHING) if group != "company" else NOTHING
    found: list[tuple[Group, str]] = [("company", "")]
    if group == "incident" and isinstance(own.get("deployment"), str):
        found = owners_of(document, "deployment", own["deployment"])
    elif group == "deployment" and isinstance(own.get("product"), str):
        found.append(("product", own["product"]))
    return found if group == "company" else [*found, (group, row)]


def joined_answers(document: Document, group: Group, row: str = "") -> dict[str, Answer]:
    """Return all answers that speak about a row, by question: its own, and those of the rows that it names."""
    return {
        id_: answer for owner in owners_of(document, group, row) for id_, answer in answers_of(document, *owner).items()
    }


def deployments(document: Document) -> Sequence[Deployment]:
    """Return the deployment rows, sorted by row id, each joined with its product's and the company's answers."""
    joined = []
    for row in sorted(document.get("deployment", NOTHING)):
        product = document["deployment"][row].get("product", "")
        joined.append(Deployment(row, product, joined_answers(document, "deployment", row)))
    return joined


def value_of(answer: Answer | None) -> Mapping[str, Any]:
    """Return the fields that an answer shows; empty where it is absent or its state shows none."""
    if answer is None or answer.get("state") not in SHOWS_VALUE:
        return NOTHING
    value: Mapping[str, Any] = answer.get("value", NOTHING)
    return value
