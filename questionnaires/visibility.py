"""Which questions are asked, given the answers so far.

Invariants: a question is hidden only where a condition of it is certainly false, or hangs on hidden questions alone;
leaving a deciding answer open never hides a question; hidden answers count as absent, wherever they are looked at. A
question is asked for sure where its conditions hold whatever the open answers turn out to be. Each question is decided
once, for all rows.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

from questionnaires import operators
from questionnaires.answerfacts import AnswerFacts
from questionnaires.conditions import Condition
from questionnaires.definition import ROW_GROUPS, Group, Questionnaire
from questionnaires.documents import Answer, Document, answers_of, compose, owners_of
from questionnaires.truths import Rows, Tables, Truth, Truths, places_of

Visible: TypeAlias = dict[Group, dict[str, tuple[str, ...]]]
"""The ids of the questions asked, in reading order, per group and row (`""` for the company)."""


class Asking:
    """What one document leaves to be asked. Each question is decided when it is first looked at."""

    def __init__(self, questionnaire: Questionnaire, document: Document) -> None:
        """Look at a document whose shape is right."""
        self.questionnaire = questionnaire
        self.document = document
        self._tables = Tables(questionnaire, document)
        self._today = Truths(self._tables, self._hidden, self._count)
        self._in_the_end = Truths(self._tables, lambda id_: self._hidden(id_) | self._may_go(id_), self._count)
        self._rows_hidden: dict[str, Rows] = {}  # per question
        self._rows_going: dict[str, Rows] = {}
        self._shutting: dict[tuple[int, Group], Rows] = {}  # per condition: a section's is that of all its questions
        self._may_be_shutting: dict[tuple[int, Group], Rows] = {}
        self._counted: dict[tuple[int, Group], Truth] = {}
        self._hidden_per_row: dict[Group, list[frozenset[str]]] = {}
        self._unsure_per_row: dict[Group, list[frozenset[str]]] = {}
        self._asked: dict[tuple[Group, frozenset[str]], tuple[str, ...]] = {}
        self._facts: dict[tuple[Group, str], RowFacts] = {}
        self._undecided = False

    def rows(self, group: Group) -> list[str]:
        """Return the row ids of a group, sorted; one without a name for the company."""
        return self._tables[group].rows

    def hidden(self, group: Group, row: str = "") -> frozenset[str]:
        """Return the ids of a row's questions that are not asked."""
        if group not in self._hidden_per_row:
            self._hidden_per_row[group] = self._by_row(group, self._hidden)
        return self._hidden_per_row[group][self._tables[group].place(row)]

    def asked(self, group: Group, row: str = "") -> tuple[str, ...]:
        """Return the ids of a row's questions that are asked, in reading order."""
        gone = self.hidden(group, row)
        known = self._asked.get((group, gone))  # most rows are asked the same
        if known is None:
            known = tuple(id_ for id_ in self.questionnaire.by_group[group] if id_ not in gone)
            self._asked[group, gone] = known
        return known

    def everything(self) -> Visible:
        """Return the ids of the questions asked, in reading order, per group and row."""
        return {group: {row: self.asked(group, row) for row in self.rows(group)} for group in self.questionnaire.groups}

    def unsure(self, group: Group, row: str = "") -> frozenset[str]:
        """Return the questions of a described row that are asked, and would not be for some value of an open answer."""
        self.hidden(group, row)  # reads all conditions that matter here
        if not self._undecided:  # each of them held or failed
            return frozenset()
        if group not in self._unsure_per_row:
            self._unsure_per_row[group] = self._by_row(group, lambda id_: self._may_go(id_) & ~self._hidden(id_))
        return self._unsure_per_row[group][self._tables[group].place(row)]

    def facts(self, group: Group, row: str) -> "RowFacts":
        """Return the answers that speak about a row as facts, without those to hidden questions."""
        if (group, row) not in self._facts:
            self._facts[group, row] = RowFacts(self, group, row)
        return self._facts[group, row]

    def count(self, group: Group, where: Condition | None) -> Truth:
        """Return for which rows of a group in the whole document a condition holds; none holds for all."""
        described = self._tables[group].described
        if where is None:
            return Truth(described, described)
        key = id(where), group  # the questionnaire keeps its conditions, so that no other comes to have the same id
        if key not in self._counted:
            sure, possible = self._today.of(where, group)
            self._counted[key] = Truth(sure & described, possible & described)
        return self._counted[key]

    def _by_row(self, group: Group, found: Callable[[str], Rows]) -> list[frozenset[str]]:
        """Return, per row of a group and for one that nobody described, the questions of which the row is found."""
        table, gated = self._tables[group], self.questionnaire.gated[group]
        if not gated:
            return [frozenset()] * (table.nobody + 1)
        per_row: list[list[str]] = [[] for _ in range(table.nobody + 1)]
        everywhere = []
        for id_ in gated:
            rows = found(id_)
            if rows == table.all:
                everywhere.append(id_)
            else:
                for place in places_of(rows):
                    per_row[place].append(id_)
        alike: dict[tuple[str, ...], frozenset[str]] = {}
        return [alike.setdefault(tuple(ids), frozenset([*everywhere, *ids])) for ids in per_row]

    def _hidden(self, id_: str) -> Rows:
        """Return the rows that are not asked a question."""
        gates = self.questionnaire.gates.get(id_)
        if gates is None:
            return 0
        known = self._rows_hidden.get(id_)
        if known is None:
            group = self.questionnaire.questions[id_].per
            known = self._rows_hidden[id_] = reduce(or_, [self._shuts(gate, group) for gate in gates])
        return known

    def _may_go(self, id_: str) -> Rows:
        """Return the rows for which a condition of a question is open once answers that may go are left out."""
        gates = self.questionnaire.gates.get(id_)
        if gates is None:
            return 0
        known = self._rows_going.get(id_)
        if known is None:
            group = self.questionnaire.questions[id_].per
            known = self._rows_going[id_] = reduce(or_, [self._may_shut(gate, group) for gate in gates])
        return known

    def _shuts(self, gate: Condition, group: Group) -> Rows:
        """Return the rows for which a condition certainly fails, or hangs on hidden questions alone."""
        known = self._shutting.get((id(gate), group))
        if known is not None:
            return known
        for question in _questions(gate):  # from the bottom up, so that a chain of conditions is no chain of calls
            self._hidden(question)
        table = self._tables[group]
        everyone, (sure, possible) = table.all, self._today.of(gate, group)
        self._undecided = self._undecided or bool(possible & ~sure & table.described)
        shut = everyone & ~possible
        if gate.own_questions and not gate.counts:
            shut |= reduce(and_, [self._hidden_above(question, group) for question in gate.own_questions])
        self._shutting[id(gate), group] = shut
        return shut

    def _hidden_above(self, question: str, group: Group) -> Rows:
        """Return the rows of a group to whose owner a question is not asked."""
        per, rows = self.questionnaire.questions[question].per, self._hidden(question)
        if per == group or not rows:
            return rows
        belonging = self._tables.belonging(group)[per]
        return belonging.spread(rows) & belonging.named

    def _may_shut(self, gate: Condition, group: Group) -> Rows:
        """Return the rows for which a condition does not surely hold in the end."""
        known = self._may_be_shutting.get((id(gate), group))
        if known is not None:
            return known
        for question in _questions(gate):
            self._may_go(question)
        known = self._tables[group].all & ~self._in_the_end.of(gate, group).sure
        self._may_be_shutting[id(gate), group] = known
        return known

    def _count(self, condition: operators.RowsAre) -> tuple[int, int]:
        sure, possible = self.count(condition.rows, condition.where)
        return sure.bit_count(), possible.bit_count()


class RowFacts(AnswerFacts):
    """The answers that speak about one row, as facts; hidden answers are left out."""

    def __init__(self, asking: Asking, group: Group, row: str) -> None:
        """Join the answers of the row and of those it names."""
        owners = owners_of(asking.document, group, row)
        self.hidden = frozenset[str]().union(*(asking.hidden(*owner) for owner in owners))
        answers: dict[str, Answer] = {}
        for owner in owners:
            answers |= answers_of(asking.document, *owner)
        super().__init__(asking.questionnaire, {id_: a for id_, a in answers.items() if id_ not in self.hidden})
        self._asking = asking

    def outcomes(self, group: Group, where: Condition | None) -> Iterable[bool | None]:
        """Return, per row of a group in the whole document, whether a condition holds for it."""
        sure, possible = self._asking.count(group, where)
        return [
            True if sure >> place & 1 else None if possible >> place & 1 else False
            for place in range(len(self._asking.rows(group)))
        ]


def _questions(gate: Condition) -> Iterable[str]:
    """Return the questions that a condition looks at, in whatever rows."""
    return (reference.partition(".")[0] for reference in gate.looked_at)


def asked(questionnaire: Questionnaire, document: Document) -> Visible:
    """Return the ids of the questions asked, in reading order, per group and row (`""` for the company)."""
    return Asking(questionnaire, document).everything()


def without_hidden(questionnaire: Questionnaire, document: Document) -> Document:
    """Return the document without the answers to questions that are not asked."""
    return kept(document, asked(questionnaire, document))


def kept(document: Document, visible: Visible) -> Document:
    """Return the document with the answers to the questions named, which `asked` found."""

    def answers(group: Group, row: str) -> dict[str, Answer]:
        here = answers_of(document, group, row)
        return {id_: here[id_] for id_ in visible[group][row] if id_ in here}

    rows: Mapping[Group, dict[str, Any]] = {
        group: {row: {**document[group][row], "answers": answers(group, row)} for row in document.get(group, {})}
        for group in ROW_GROUPS
        if group in visible
    }
    return compose(answers("company", ""), rows)
