"""How long it takes to answer: an estimate by the kinds of field.

Invariants: whole minutes; the figures are our own judgement, printed as an estimate; gathering evidence is not counted.
"""

from collections.abc import Mapping

from questionnaires.definition import Group, Question, Questionnaire

READING = 2
"""Minutes to read a question and to find whom to ask."""
MINUTES: Mapping[str, int] = {
    "one": 2, "multi": 3, "yes_partial_no": 2, "integer": 5, "decimal": 5, "percent": 5, "money": 5, "date": 2,
    "date_range": 2, "text": 5, "long_text": 15, "area": 1, "organisation": 2, "product": 1, "files": 5, "matrix": 10,
    "table": 20,
}  # fmt: skip
"""Minutes per field, by kind."""
HALF_HOUR = 30


def minutes_of(question: Question) -> int:
    """Return the minutes that one answer takes."""
    return READING + sum(MINUTES[field.kind] for field in question.fields.values())


def hours_of(questionnaire: Questionnaire, group: Group, *, open_only: bool = False) -> str:
    """Return the hours that a group's questions take per row, in half hours rounded up, as "3.5"."""
    gated = questionnaire.gates if open_only else ()
    minutes = sum(minutes_of(q) for q in questionnaire.by_group[group].values() if q.id not in gated)
    halves = -(-minutes // HALF_HOUR)
    return f"{halves // 2}.5" if halves % 2 else str(halves // 2)
