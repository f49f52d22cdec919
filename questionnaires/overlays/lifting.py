"""What could lift a condition that looks at one field: answers that the standard reads as worse, or no question at all.

Invariants: a condition is lifted by a value that it does not hold for and that the standard reads as no better than one
that it holds for; the reverse, where it stands in a part that must not hold.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from questionnaires import operators
from questionnaires.conditions import Condition
from questionnaires.definition import Questionnaire
from questionnaires.overlays.adversity import BETTER, WORSE, Adversity

_WHOLE = 100
"""The share, in percent, that a ratio has where nothing could be counted."""


class Grounds(NamedTuple):
    """What conditions are held against: the standard's questionnaire, and what the standard reads as worse.

    `divided` are the numbers that rows divide among themselves, `listed` is the table that totals stand in, and
    `counted` are the questions that are asked, or not, for how many rows there are.
    """

    questionnaire: Questionnaire
    adversity: Adversity
    divided: frozenset[str]
    listed: str | None
    counted: frozenset[str]


def find_counted(questionnaire: Questionnaire) -> frozenset[str]:
    """Return the questions of which a condition counts rows, or that hang on such a question."""
    found = {id_ for id_, gates in questionnaire.gates.items() if any(gate.counts for gate in gates)}
    while True:
        more = {
            id_ for id_, gates in questionnaire.gates.items()
            if id_ not in found and any(found.intersection(gate.own_questions) for gate in gates)
        }  # fmt: skip
        if not more:
            return frozenset(found)
        found |= more


def holds_unasked(condition: Condition) -> bool | None:
    """Return whether a condition holds where its question is not asked (see `rowfacts`); None where that is open."""
    match condition:
        case operators.NumberIs() | operators.SizeIs():
            return _holds_of(condition, 0)
        case operators.RatioIs():
            return _holds_of(condition, _WHOLE)
        case operators.AnswerIs() | operators.AnswerHas() | operators.ColumnIs() | operators.Answered():
            return False
        case _:
            return None


def _holds_of(condition: operators.Compared, number: int) -> bool:
    low, high = condition.at_least, condition.at_most
    return (low is None or number >= low) and (high is None or number <= high)


def find_lifts(condition: Condition, meets: bool, grounds: Grounds) -> Iterator[str]:
    """Yield how a worse answer could lift a condition that looks at one field."""
    match condition:
        case operators.AnswerIs():
            yield from _lifts_choice(condition.answer, condition.is_, meets, grounds)
        case operators.AnswerHas():
            field = grounds.questionnaire.field(condition.answer)
            if field.kind == "multi":
                yield from _lifts_choices(condition.answer, condition.has, meets, grounds.adversity)
            else:
                yield from _lifts_choice(condition.answer, condition.has, meets, grounds)
        case operators.ColumnIs():
            yield from _lifts_choices(condition.column, condition.is_, meets, grounds.adversity)
        case operators.NumberIs():
            upward = (condition.at_least is not None) is meets
            yield from _lifts_amount(condition.number, upward, grounds.adversity)
        case operators.SizeIs():
            upward = (condition.at_least is not None) is meets
            yield from _lifts_amount(condition.size, upward, grounds.adversity)
            yield from _lifts_size(condition.size, upward, grounds)
        case operators.DateIs():
            yield from _lifts_amount(condition.date, (condition.after is not None) is meets, grounds.adversity)
        case operators.RatioIs():
            upward = (condition.at_least is not None) is meets
            yield from _lifts_amount(condition.ratio[0], upward, grounds.adversity)
            yield from _lifts_amount(condition.ratio[1], not upward, grounds.adversity)
            if (condition.at_least or 0) > _WHOLE or (condition.at_most is not None and condition.at_most >= _WHOLE):
                yield f"a share of nothing reads as {_WHOLE} %, which is no bound to look beyond"
        case _:
            return


def _lifts_choice(reference: str, named: Collection[str], meets: bool, grounds: Grounds) -> Iterator[str]:
    field = grounds.questionnaire.field(reference)
    codes = list(getattr(field, "choices", ()))
    meeting = [code for code in codes if (code in named) is meets]
    for code in codes:
        better = [one for one in meeting if grounds.adversity.is_worse(reference, code, one)]
        if code not in meeting and better:
            yield f"{code} of {reference} reads worse than {better[0]}, and does not meet the condition"


def _lifts_choices(reference: str, named: Collection[str], meets: bool, adversity: Adversity) -> Iterator[str]:
    lifts = adversity.helps if meets else adversity.hurts
    for code in named:
        if lifts(reference, code):
            how = "leaving it out" if meets else "choosing it"
            yield f"{code} of {reference} may be read the other way, so that {how} is worse"


def _lifts_amount(reference: str, upward: bool, adversity: Adversity) -> Iterator[str]:
    if (BETTER if upward else WORSE) in adversity.amounts(reference):
        yield f"a {'smaller' if upward else 'larger'} {reference} may be read as worse, and would not meet it"


def _lifts_size(reference: str, upward: bool, grounds: Grounds) -> Iterator[str]:
    if reference == grounds.listed:
        yield f"the same totals may stand in more or fewer lines of {reference}"
    lifts = grounds.adversity.helps if upward else grounds.adversity.hurts
    codes = [code for code in getattr(grounds.questionnaire.field(reference), "choices", ()) if lifts(reference, code)]
    if codes:
        yield f"{codes[0]} of {reference} may be read as {'good' if upward else 'bad'}, whatever their number"
