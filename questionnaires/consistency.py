"""What makes a questionnaire hold together: names that stand once, conditions that can be read.

Invariants: a condition looks only at questions that its own row can see, through operators that fit their kind, for
choices that exist; what hangs on what has no circle, so that what is asked is always decided.
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from questionnaires import operators
from questionnaires.fields import (
    AnswerField,
    ChoiceField,
    Column,
    DateField,
    FilesField,
    IntegerField,
    MultiField,
    PercentField,
    SingleChoice,
    TableField,
)
from questionnaires.operators import Condition, Group

if TYPE_CHECKING:
    from questionnaires.definition import Question, Questionnaire

SEEN_BY: Mapping[Group, tuple[Group, ...]] = {
    "company": ("company",),
    "product": ("company", "product"),
    "deployment": ("company", "product", "deployment"),
    "incident": ("company", "product", "deployment", "incident"),
}
"""The groups whose answers speak about a row of a group: its own, and those of the rows that it names."""

LONGEST_CHAIN = 40
"""Questions that may hang on each other in a row."""


class Flaw(NamedTuple):
    """What does not hold together: its code, the question or section that it concerns, and a sentence of its own."""

    code: str
    at: str
    sentence: str
    """Without a full stop, so that several may stand in one message."""


def find_problems(questionnaire: "Questionnaire") -> Iterator[Flaw]:
    """Yield what does not hold together."""
    codes = [section.code for section in questionnaire.sections]
    ids = [question.id for section in questionnaire.sections for question in section.questions]
    yield from (
        Flaw("section-twice", code, f"section {code} stands twice")
        for code in sorted({c for c in codes if codes.count(c) > 1})
    )
    seen: set[str] = set()
    repeated = {id_ for id_ in ids if id_ in seen or seen.add(id_)}  # type: ignore[func-returns-value]  # adds, and is None
    yield from (Flaw("question-twice", id_, f"question {id_} stands twice") for id_ in sorted(repeated))
    dangling = False
    for id_, conditions in questionnaire.gates.items():
        for condition in conditions:
            for problem in _condition_problems(questionnaire, questionnaire.questions[id_], condition):
                dangling = True
                yield problem
    if not dangling:
        yield from _circles(questionnaire)


def _condition_problems(questionnaire: "Questionnaire", question: "Question", condition: Condition) -> Iterator[Flaw]:
    id_ = question.id
    pending: list[tuple[Condition, Group]] = [(condition, question.per)]
    while pending:
        part, group = pending.pop(0)
        if isinstance(part, operators.CriterionIs):
            sentence = f"{id_} depends on criterion {part.criterion}; a question can depend on answers only"
            yield Flaw("condition-on-criterion", id_, sentence)
        if isinstance(part, operators.RowsAre) and part.rows not in questionnaire.groups:
            yield Flaw("unknown-rows", id_, f"{id_} counts rows of {part.rows}, of which nothing is asked")
        inside = part.rows if isinstance(part, operators.RowsAre) else group
        pending[:0] = [(inner, inside) for inner in operators.parts(part)]
        yield from find_reference_flaws(questionnaire, id_, group, part)


def find_reference_flaws(questionnaire: "Questionnaire", name: str, group: Group, part: Condition) -> Iterator[Flaw]:
    """Yield what one operator of the condition of `name`, read per `group`, cannot look at."""
    for reference in operators.looks(part):
        id_, _, field = reference.partition(".")
        asked = questionnaire.questions.get(id_)
        if asked is None or (field and field not in asked.fields):
            yield Flaw("unknown-reference", name, f"{name} depends on {reference}, which does not exist")
        elif id_ == name:
            yield Flaw("depends-on-itself", name, f"{name} depends on itself")
        elif asked.per not in SEEN_BY[group]:
            sentence = f"{name} looks per {group} and cannot depend on {reference}, asked per {asked.per}"
            yield Flaw("unseen-reference", name, sentence)
        elif field:
            yield from (
                Flaw(code, name, f"{name} {unfit}") for code, unfit in _unfit(part, reference, asked.fields[field])
            )


def _unfit(condition: Condition, reference: str, field: AnswerField) -> Iterator[tuple[str, str]]:
    wanted: tuple[str, ...] = ()
    read: AnswerField | Column | None = field
    fits = True
    match condition:
        case operators.AnswerIs():
            fits, wanted = isinstance(field, SingleChoice), condition.is_
        case operators.AnswerHas():
            fits, wanted = isinstance(field, ChoiceField), condition.has
        case operators.NumberIs() | operators.RatioIs():
            fits = isinstance(field, IntegerField | PercentField)
        case operators.SizeIs():
            fits = isinstance(field, MultiField | TableField | FilesField)
        case operators.DateIs():
            fits = isinstance(field, DateField)
        case operators.ColumnIs():
            reference = condition.column
            read = field.columns.get(reference.rpartition(".")[2]) if isinstance(field, TableField) else None
            fits, wanted = isinstance(read, ChoiceField), condition.is_
    if not fits:
        kind = read.kind if read is not None else "missing"
        yield "unfit-operator", f"cannot read {reference}, which is {kind}, in this way"
    elif isinstance(read, ChoiceField):
        yield from (
            ("unknown-choice", f"looks for {code}, which {reference} does not offer")
            for code in wanted
            if code not in read.choices
        )


def _circles(questionnaire: "Questionnaire") -> Iterator[Flaw]:
    graph = {
        id_: {reference.partition(".")[0] for condition in conditions for reference in operators.references(condition)}
        for id_, conditions in questionnaire.gates.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = sorted(set(error.args[1]))
        yield Flaw("circle", circle[0], f"questions hang on each other in a circle: {', '.join(circle)}")
        return
    depth: dict[str, int] = {}
    for id_ in order:
        depth[id_] = 1 + max((depth[name] for name in graph.get(id_, ())), default=0)
    first = [id_ for id_ in order if depth[id_] == LONGEST_CHAIN + 1]
    sentence = f"hangs on a chain of more than {LONGEST_CHAIN} questions"
    yield from (Flaw("long-chain", id_, f"{id_} {sentence}") for id_ in first)
