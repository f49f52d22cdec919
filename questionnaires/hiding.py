"""Which questions are asked, said in JSON Schema: what integrators can check before they send.

Invariants: what this refuses the server refuses too; questions in `said` are refused here in every case in which the
server refuses them. The rest depends on counts of rows, ratios, dates or other groups, of which a schema cannot speak.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from questionnaires import operators
from questionnaires.answerfacts import ANY_NUMBER, most_entries
from questionnaires.conditions import Range, compare
from questionnaires.definition import Group, MultiField, Questionnaire, TableField
from questionnaires.documents import STATED_STATES, STATES
from questionnaires.operators import Condition

Schema = dict[str, Any] | bool
HEAVIEST = 64
"""Conditions that a validator may have to follow for one question: it reads those that meet again once per way."""
_SHOWN = ["answered", "disputed"]
_SILENT = [state for state in STATES if state in STATED_STATES and state not in _SHOWN]


class Said(NamedTuple):
    """A schema that holds where a condition certainly does, or does not; `whole`: it misses no such case."""

    schema: Schema
    whole: bool = True


class Rule(NamedTuple):
    """Where the answers of `scope` fit the schema, these questions of `group` have no answer."""

    scope: Group
    group: Group
    schema: Schema
    questions: tuple[str, ...]


class Hiding:
    """What a schema can say about hidden questions of one revision."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Read all conditions once."""
        self._questionnaire = questionnaire
        self.definitions: dict[str, Any] = {}
        self.said: set[str] = set()
        self._weight: dict[str, int] = {}
        self._shut: dict[str, list[tuple[Group, Said]]] = {}
        for id_ in questionnaire.gates:
            self._parts(id_)

    def rules(self) -> Iterator[Rule]:
        """Yield the rules, questions with the same condition together."""
        together: dict[tuple[Group, Group, str], tuple[Schema, list[str]]] = {}
        for id_, parts in self._shut.items():
            for scope, said in parts:
                key = scope, self._questionnaire.questions[id_].per, repr(said.schema)
                together.setdefault(key, (said.schema, []))[1].append(id_)
        for (scope, group, _), (schema, ids) in together.items():
            yield Rule(scope, group, schema, tuple(ids))

    def _parts(self, id_: str) -> list[tuple[Group, Said]]:
        """Return in which answers, and where, a question is hidden, per condition that a schema can say."""
        if id_ not in self._shut:
            gates = self._questionnaire.gates[id_]
            found = [self._shuts(gate, self._questionnaire.questions[id_].per) for gate in gates]
            self._shut[id_] = [part for part in found if part is not None]
            if len(self._shut[id_]) == len(gates) and all(said.whole for _, said in self._shut[id_]):
                self.said.add(id_)
        return self._shut[id_]

    def _shuts(self, gate: Condition, group: Group) -> tuple[Group, Said] | None:
        questions = gate.own_questions
        scopes = {self._questionnaire.questions[id_].per for id_ in questions}
        if gate.counts or len(scopes) != 1:
            return None
        (scope,) = scopes
        said = self._holds(gate, wanted=False) if scope in {"company", group} else None
        if said is None or not all(id_ in self._questionnaire.gates for id_ in questions):
            return None if said is None else (scope, said)
        gone = [self._hidden(id_, scope) for id_ in questions]
        if None in gone:
            return scope, said._replace(whole=False)
        return scope, Said(_any_of([said.schema, {"allOf": gone}]), said.whole)

    def _hidden(self, id_: str, scope: Group) -> Schema | None:
        """Return when a question is hidden, where the answers of its own group say it all, and briefly; else None."""
        parts = self._parts(id_)
        upstream = {name for gate in self._questionnaire.gates[id_] for name in gate.own_questions}
        self._weight[id_] = 1 + sum(self._weight.get(name, 0) for name in upstream)
        if id_ not in self.said or any(where != scope for where, _ in parts) or self._weight[id_] > HEAVIEST:
            return None
        self.definitions[f"hidden-{id_}"] = _any_of([said.schema for _, said in parts])
        return {"$ref": f"#/$defs/hidden-{id_}"}

    def _holds(self, condition: Condition, *, wanted: bool) -> Said | None:
        """Return the schema of the answers for which a condition certainly has an outcome."""
        match condition:
            case operators.Not():
                return self._holds(condition.not_, wanted=not wanted)
            case operators.All() | operators.Any():
                parts = [self._holds(part, wanted=wanted) for part in operators.parts(condition)]
                said = [part for part in parts if part is not None]
                whole = len(said) == len(parts) and all(part.whole for part in said)
                if isinstance(condition, operators.All) == wanted:
                    return Said({"allOf": [part.schema for part in said]}, whole) if len(said) == len(parts) else None
                return Said(_any_of([part.schema for part in said]), whole) if said else None
            case _:
                return self._says(condition, wanted)

    def _says(self, condition: Condition, wanted: bool) -> Said | None:
        schema: Schema | None = None
        match condition:
            case operators.AnswerIs():
                schema = _value(condition.answer, _among(condition.is_, wanted))
            case operators.AnswerHas():
                is_list = isinstance(self._questionnaire.field(condition.answer), MultiField)
                schema = _value(condition.answer, _entry(condition.has, wanted, is_list))
            case operators.Answered():
                question = condition.answered.partition(".")[0]
                schema = _value(condition.answered, {}) if wanted else _state(question, _SILENT)
            case operators.StateIs():
                others = [state for state in STATES if state in STATED_STATES and state not in condition.is_]
                schema = _state(condition.state, condition.is_ if wanted else others)
            case operators.ColumnIs():
                schema = self._column(condition, wanted)
            case operators.NumberIs():
                schema = _bounded(condition, ANY_NUMBER, condition.number, wanted, ("minimum", "maximum"))
            case operators.SizeIs():
                whole = 0, most_entries(self._questionnaire, condition.size)
                schema = _bounded(condition, whole, condition.size, wanted, ("minItems", "maxItems"))
        return None if schema is None else Said(schema)

    def _column(self, condition: operators.ColumnIs, wanted: bool) -> Schema:
        table, _, column = condition.column.rpartition(".")
        field = self._questionnaire.field(table)
        is_list = isinstance(field, TableField) and isinstance(field.columns[column], MultiField)
        line = {"required": [column], "properties": {column: _entry(condition.is_, wanted, is_list)}}
        return _value(table, {"type": "array", "contains" if wanted else "items": line})


def _any_of(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _among(codes: Iterable[str], wanted: bool) -> Schema:
    listed = {"enum": list(codes)}
    return listed if wanted else {"not": listed}


def _entry(codes: Iterable[str], wanted: bool, is_list: bool) -> Schema:
    if not is_list:
        return _among(codes, wanted)
    contains = {"contains": {"enum": list(codes)}}
    return {"type": "array", **(contains if wanted else {"not": contains})}


def _bounded(
    bound: operators.Compared, possible: Range, reference: str, wanted: bool, keywords: tuple[str, str]
) -> Schema:
    decided = compare(possible, bound)
    if decided is not None:  # whatever is answered, and where nothing is
        return decided is wanted
    low, high = keywords
    if bound.at_least is not None:
        return _value(reference, {low: bound.at_least} if wanted else {high: bound.at_least - 1})
    assert bound.at_most is not None
    return _value(reference, {high: bound.at_most} if wanted else {low: bound.at_most + 1})


def _value(reference: str, schema: Schema) -> Schema:
    question, _, field = reference.partition(".")
    shown = {"state": {"enum": _SHOWN}, "value": {"required": [field], "properties": {field: schema}}}
    return {"required": [question], "properties": {question: {"required": ["state", "value"], "properties": shown}}}


def _state(question: str, states: Iterable[str]) -> Schema:
    stated = {"required": ["state"], "properties": {"state": {"enum": list(states)}}}
    return {"required": [question], "properties": {question: stated}}
