"""Which questions are asked, given the answers so far.

Invariants: a question is hidden only where a condition of it is certainly false, or hangs on hidden questions alone;
leaving a deciding answer open never hides a question; hidden answers count as absent, wherever they are looked at. A
question is asked for sure where its conditions hold whatever the open answers turn out to be. Rows that belong to the
same rows differ by their own answers alone: what hangs on none that differs is decided once for all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from questionnaires.answerfacts import AnswerFacts
from questionnaires.conditions import Condition, evaluate
from questionnaires.definition import ROW_GROUPS, Group, Questionnaire
from questionnaires.documents import Answer, Document, answers_of, compose, owners_of

Visible: TypeAlias = dict[Group, dict[str, list[str]]]
"""The ids of the questions asked, in reading order, per group and row (`""` for the company)."""


class Likeness(NamedTuple):
    """An earlier row that belongs to the same rows (None where there is none), and the questions that may differ."""

    row: str | None
    swayed: frozenset[str]


_UNLIKE = Likeness(None, frozenset())


class Asking:
    """What one document leaves to be asked. Each question is decided once per row, when it is first looked at."""

    def __init__(self, questionnaire: Questionnaire, document: Document) -> None:
        """Look at a document whose shape is right."""
        self.questionnaire = questionnaire
        self.document = document
        self._facts: dict[tuple[Group, str], RowFacts] = {}
        self._hidden: dict[tuple[str, str], bool] = {}
        self._settled: dict[tuple[Group, str], RowFacts] = {}
        self._unsure: dict[tuple[str, str], bool] = {}
        self._gone: dict[tuple[Group, str], frozenset[str]] = {}
        self._may: dict[tuple[Group, str], frozenset[str]] = {}
        self._likenesses: dict[tuple[Group, str], Likeness] = {}
        self._first: dict[tuple[Any, ...], str] = {}
        self._counted: dict[tuple[Group, int], list[bool | None]] = {}
        self._undecided = False

    def hidden(self, group: Group, row: str = "") -> frozenset[str]:
        """Return the ids of a row's questions that are not asked."""
        known = self._gone.get((group, row))
        if known is None:
            like = self._liken(group, row)
            unlike = self.questionnaire.gated[group] if like.row is None else like.swayed
            known = frozenset([id_ for id_ in unlike if self._is_hidden(id_, row)])
            if like.row is not None:
                known |= self.hidden(group, like.row) - like.swayed
            self._gone[group, row] = known
        return known

    def _liken(self, group: Group, row: str) -> Likeness:
        """Return which earlier row a row is like, and the questions of it that hang on answers that differ."""
        known = self._likenesses.get((group, row))
        if known is not None:
            return known
        known = _UNLIKE
        if group != "company" and row in self.document.get(group, ()):
            first = self._first.setdefault((group, *owners_of(self.document, group, row)[:-1]), row)
            if first != row:
                one, other = answers_of(self.document, group, first), answers_of(self.document, group, row)
                swayed = [
                    ids for id_, ids in self.questionnaire.swayed[group].items() if one.get(id_) != other.get(id_)
                ]
                known = Likeness(first, frozenset().union(*swayed))
        self._likenesses[group, row] = known
        return known

    def asked(self, group: Group, row: str = "") -> list[str]:
        """Return the ids of a row's questions that are asked, in reading order."""
        gone = self.hidden(group, row)
        return [id_ for id_ in self.questionnaire.by_group[group] if id_ not in gone]

    def everything(self) -> Visible:
        """Return the ids of the questions asked, in reading order, per group and row."""
        return {group: {row: self.asked(group, row) for row in self.rows(group)} for group in self.questionnaire.groups}

    def unsure(self, group: Group, row: str = "") -> frozenset[str]:
        """Return the questions of a row that are asked, and would not be under some value of an open answer."""
        gone = self.hidden(group, row)
        if not self._undecided:  # every condition held or failed
            return frozenset()
        known = self._may.get((group, row))
        if known is None:
            like = self._liken(group, row)
            unlike = self.questionnaire.gated[group] if like.row is None else like.swayed
            known = frozenset([id_ for id_ in unlike if id_ not in gone and self._may_go(id_, row)])
            if like.row is not None:
                known |= self.unsure(group, like.row) - like.swayed
            self._may[group, row] = known
        return known

    def _may_go(self, id_: str, row: str) -> bool:
        """Tell whether a condition of a question is open once answers that may go themselves are left out."""
        key = id_, row
        known = self._unsure.get(key)
        if known is None:
            group = self.questionnaire.questions[id_].per
            like = self._liken(group, row)
            same = like.row is not None and id_ not in like.swayed
            known = self._unsure[key] = self._may_go(id_, like.row or "") if same else self._is_open(id_, group, row)
        return known

    def _is_open(self, id_: str, group: Group, row: str) -> bool:
        facts = self._settled.get((group, row))
        if facts is None:
            facts = self._settled[group, row] = RowFacts(self, group, row)
        return any(self._gate_is_open(gate, facts) for gate in self.questionnaire.gates[id_])

    def _gate_is_open(self, gate: Condition, facts: "RowFacts") -> bool:
        if id(gate) not in facts.held:  # a section's condition is that of all its questions
            for question in gate.own_questions:
                if question in self.questionnaire.gates:
                    owner = facts.owners.get(self.questionnaire.questions[question].per)
                    if owner is not None and (self._is_hidden(question, owner) or self._may_go(question, owner)):
                        facts.forget(question)
            facts.held[id(gate)] = evaluate(gate, facts)
        return facts.held[id(gate)] is not True

    def rows(self, group: Group) -> list[str]:
        """Return the row ids of a group, sorted; one without a name for the company."""
        return [""] if group == "company" else sorted(self.document.get(group, ()))

    def facts(self, group: Group, row: str) -> "RowFacts":
        """Return the answers that speak about a row as facts; ask `decide` before reading one."""
        found = self._facts.get((group, row))
        if found is None:
            found = self._facts[group, row] = RowFacts(self, group, row)
        return found

    def holds(self, condition: Condition, facts: "RowFacts") -> bool | None:
        """Return whether a condition holds for a row; hidden answers count as absent."""
        key = id(condition)  # the questionnaire keeps its conditions, so that no other can get the same number
        if key not in facts.held:  # counts of rows are asked for by many questions
            self.forget_hidden(condition.own_questions, facts)
            facts.held[key] = evaluate(condition, facts)
        return facts.held[key]

    def forget_hidden(self, questions: tuple[str, ...], facts: "RowFacts") -> int:
        """Take the answers to hidden questions out of what is known of a row; return how many questions are hidden."""
        gone = 0
        gates = self.questionnaire.gates
        for id_ in questions:
            if id_ not in gates:  # always asked
                continue
            owner = facts.owners.get(self.questionnaire.questions[id_].per)
            if owner is not None and self._is_hidden(id_, owner):
                facts.forget(id_)
                gone += 1
        return gone

    def _is_hidden(self, id_: str, row: str) -> bool:
        key = id_, row
        known = self._hidden.get(key)
        if known is None:
            group = self.questionnaire.questions[id_].per
            like = self._liken(group, row)
            if like.row is not None and id_ not in like.swayed:
                known = self._is_hidden(id_, like.row)
            else:
                facts = self.facts(group, row)
                known = any(self._shuts(gate, facts) for gate in self.questionnaire.gates[id_])
            self._hidden[key] = known
        return known

    def count(self, group: Group, where: Condition) -> list[bool | None]:
        """Return, per row of a group in the whole document, whether a condition holds; the same for whoever asks."""
        key = group, id(where)
        known = self._counted.get(key)
        if known is None:
            known = self._counted[key] = [self.holds(where, self.facts(group, row)) for row in self.rows(group)]
        return known

    def _shuts(self, gate: Condition, facts: "RowFacts") -> bool:
        known = facts.shut.get(id(gate))  # a section's condition is that of all its questions
        if known is None:
            upstream = gate.own_questions
            gone = self.forget_hidden(upstream, facts)
            known = gone > 0 and gone == len(upstream) and not gate.counts
            outcome = evaluate(gate, facts)
            self._undecided = self._undecided or outcome is None
            known = facts.shut[id(gate)] = known or outcome is False
        return known


class RowFacts(AnswerFacts):
    """The answers that speak about one row, as facts."""

    def __init__(self, asking: Asking, group: Group, row: str) -> None:
        """Join the answers of the row and of those it names."""
        owners = owners_of(asking.document, group, row)
        self.owners: dict[Group, str] = dict(owners)
        joined = [answers_of(asking.document, *owner) for owner in owners]
        self._known: dict[str, Answer] = {id_: answer for answers in joined for id_, answer in answers.items()}
        self._asking = asking
        self.held: dict[int, bool | None] = {}
        self.shut: dict[int, bool] = {}
        super().__init__(asking.questionnaire, self._known)

    def forget(self, question: str) -> None:
        """Count an answer as absent."""
        self._known.pop(question, None)

    def outcomes(self, group: Group, where: Condition | None) -> Iterable[bool | None]:
        """Return, per row of a group in the whole document, whether a condition holds for it."""
        return [True] * len(self._asking.rows(group)) if where is None else self._asking.count(group, where)


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
