"""Conditions decided for all rows of a document at once.

A set of rows is a whole number whose bits are rows, so that one operation decides for all of them. Invariants: what is
decided for a row is what `conditions.evaluate` says of the answers that speak about it; every table holds one row more
than the document, which nobody described: it stands for rows that do not exist, and for those that others name none of.
"""

from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeAlias

from questionnaires import operators
from questionnaires.answerfacts import AnswerFacts, split
from questionnaires.conditions import compare, evaluate
from questionnaires.definition import GROUPS, Group, Questionnaire
from questionnaires.documents import Answer, Document, answers_of, owners_of, value_of
from questionnaires.operators import Condition

Rows: TypeAlias = int
"""Rows of one group: bit n is set for the n-th of them."""


def places_of(rows: Rows) -> Iterator[int]:
    """Yield the places of the rows of a set, the last first."""
    while rows:
        place = rows.bit_length() - 1
        yield place
        rows ^= 1 << place


class Truth(NamedTuple):
    """The rows for which a condition certainly holds, and those for which it may."""

    sure: Rows
    possible: Rows


class Said(NamedTuple):
    """What some rows say of a question, as facts, and which rows."""

    facts: AnswerFacts
    rows: Rows


class Table:
    """The rows of one group, sorted by id, and what each of them says."""

    def __init__(self, questionnaire: Questionnaire, document: Document, group: Group) -> None:
        """List the rows of a document; the company is one."""
        self._questionnaire = questionnaire
        self.rows = [""] if group == "company" else sorted(document.get(group, ()))
        self._places = {row: place for place, row in enumerate(self.rows)}
        self.nobody = len(self.rows)
        """The place of the row that nobody described."""
        self._unknown = self.nobody if group != "company" else 0
        self.described: Rows = (1 << self.nobody) - 1
        self.all: Rows = (1 << self.nobody + 1) - 1
        self._answers = [answers_of(document, group, row) for row in self.rows]
        self._said: dict[tuple[str, ...], list[Said]] = {}
        self._truths: dict[int, Truth] = {}

    def place(self, row: str) -> int:
        """Return which bit stands for a row; there is one company, whatever it is called."""
        return self._places.get(row, self._unknown)

    def truth(self, condition: Condition) -> Truth:
        """Return what an operator that looks at one question of this group says of its answers as they are given."""
        known = self._truths.get(id(condition))  # the questionnaire keeps its conditions, so that no other gets this id
        if known is None:
            silent, sure, possible = self.all, 0, 0
            for facts, rows in self._say(condition.own_questions[0], condition.looked_at):
                outcome = evaluate(condition, facts)
                sure |= rows if outcome is True else 0
                possible |= rows if outcome is not False else 0
                silent ^= rows
            outcome = self._say_nothing(condition)
            sure |= silent if outcome is True else 0
            possible |= silent if outcome is not False else 0
            known = self._truths[id(condition)] = Truth(sure, possible)
        return known

    def _say_nothing(self, condition: Condition) -> bool | None:
        """Return what an operator says of no answer, which is the same in every document."""
        known = self._questionnaire.silences
        if id(condition) not in known:
            known[id(condition)] = condition, evaluate(condition, AnswerFacts(self._questionnaire, {}))
        return known[id(condition)][1]

    def _say(self, question: str, references: tuple[str, ...]) -> list[Said]:
        """Return which rows that answer a question say the same in the fields named."""
        found = self._said.get(references)
        if found is None:
            answers = self.answers(question)
            alike: dict[object, tuple[Rows, Answer]] = {}
            fields = [split(reference)[1].partition(".")[0] for reference in references] if len(answers) > 1 else ()
            for place, answer in answers.items():
                value = value_of(answer)
                known = answer.get("state"), repr([value.get(field) for field in fields])
                alike[known] = alike.get(known, (0, answer))[0] | 1 << place, answer
            found = [Said(AnswerFacts(self._questionnaire, {question: said}), rows) for rows, said in alike.values()]
            self._said[references] = found
        return found

    def answers(self, question: str, but: Rows = 0) -> dict[int, Answer]:
        """Return the answers to a question by place, without those of some rows."""
        given = enumerate(self._answers)
        return {place: said[question] for place, said in given if question in said and not but >> place & 1}


class Belonging:
    """To which rows of one group the rows of another belong."""

    def __init__(self, of: Table, to: Table, names: list[str | None]) -> None:
        """Take, per row of a table, the row of the other that it names; None where it names none."""
        self._of, self._to = of, to
        self.places = [to.place(name) if name is not None else to.nobody for name in names]
        self.named: Rows = sum(1 << place for place, name in enumerate(names) if name is not None)
        self._members = [0] * (to.nobody + 1)
        for place, where in enumerate(self.places):
            self._members[where] |= 1 << place

    def spread(self, rows: Rows) -> Rows:
        """Return the rows that belong to any of these."""
        if rows in {0, self._to.all}:
            return self._of.all if rows else 0
        return reduce(or_, (self._members[place] for place in places_of(rows)), 0)


class Tables:
    """All rows of one document."""

    def __init__(self, questionnaire: Questionnaire, document: Document) -> None:
        """Look at a document whose shape is right."""
        self.questionnaire, self._document = questionnaire, document
        self._tables = {group: Table(questionnaire, document, group) for group in GROUPS}
        self._belonging: dict[Group, dict[Group, Belonging]] = {}

    def __getitem__(self, group: Group) -> Table:
        """Return the rows of a group."""
        return self._tables[group]

    def belonging(self, group: Group) -> dict[Group, Belonging]:
        """Return to which rows of every group the rows of one belong; each row belongs to itself."""
        found = self._belonging.get(group)
        if found is None:
            table = self._tables[group]
            owners = [dict(owners_of(self._document, group, row)) for row in table.rows]
            nobody: dict[Group, str] = {"company": "", group: ""}
            names = {to: [owner.get(to) for owner in (*owners, nobody)] for to in GROUPS}
            found = {to: Belonging(table, self._tables[to], names[to]) for to in GROUPS}
            self._belonging[group] = found
        return found


class Truths:
    """What conditions say of the rows of a document, where some answers are left out."""

    def __init__(
        self,
        tables: Tables,
        absent: Callable[[str], Rows],
        count: Callable[[operators.RowsAre], tuple[int, int]],
    ) -> None:
        """Take which rows' answers to a question are left out, and how many rows certainly and possibly count."""
        self._tables, self._absent, self._count = tables, absent, count

    def of(self, condition: Condition, group: Group) -> Truth:
        """Return for which rows of a group a condition holds."""
        everyone = self._tables[group].all
        match condition:
            case operators.All():
                sure = possible = everyone
                for part in condition.all:
                    one = self.of(part, group)
                    sure, possible = sure & one.sure, possible & one.possible
                return Truth(sure, possible)
            case operators.Any():
                sure = possible = 0
                for part in condition.any:
                    one = self.of(part, group)
                    sure, possible = sure | one.sure, possible | one.possible
                return Truth(sure, possible)
            case operators.Not():
                one = self.of(condition.not_, group)
                return Truth(everyone & ~one.possible, everyone & ~one.sure)
            case operators.RowsAre():
                outcome = compare(self._count(condition), condition)
                return Truth(everyone if outcome is True else 0, everyone if outcome is not False else 0)
            case _:
                return self._of_answers(condition, group)

    def _of_answers(self, condition: Condition, group: Group) -> Truth:
        """Return what an operator without parts says: where an answer is left out, what it says of none."""
        questions = condition.own_questions
        if len(questions) > 1:
            return self._of_several(condition, group)
        (question,) = questions
        per = self._tables.questionnaire.questions[question].per
        table, absent = self._tables[per], self._absent(question)
        sure, possible = table.truth(condition)
        if absent:
            sure = sure | absent if sure >> table.nobody & 1 else sure & ~absent
            possible = possible | absent if possible >> table.nobody & 1 else possible & ~absent
        if per == group:
            return Truth(sure, possible)
        spread = self._tables.belonging(group)[per].spread
        return Truth(spread(sure), spread(possible))

    def _of_several(self, condition: Condition, group: Group) -> Truth:
        """Return what an operator says that looks at several questions, row by row."""
        questionnaire, belonging = self._tables.questionnaire, self._tables.belonging(group)
        said: list[dict[str, Answer]] = [{} for _ in range(self._tables[group].nobody + 1)]
        for question in condition.own_questions:
            per = questionnaire.questions[question].per
            answers = self._tables[per].answers(question, self._absent(question))
            for place, owner in enumerate(belonging[per].places):
                if owner in answers:
                    said[place][question] = answers[owner]
        outcomes = [evaluate(condition, AnswerFacts(questionnaire, answers)) for answers in said]
        return Truth(
            sum(1 << place for place, outcome in enumerate(outcomes) if outcome is True),
            sum(1 << place for place, outcome in enumerate(outcomes) if outcome is not False),
        )
