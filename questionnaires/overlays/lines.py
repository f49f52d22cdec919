"""Own red lines and caps: what their conditions may look at, so that nothing worse ever lifts them.

Invariants: a condition looks at what its own row can see; whatever the standard reads as worse than what meets it,
meets it too. How many rows there are is never looked at: rows can be added.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from questionnaires import operators
from questionnaires.conditions import Condition
from questionnaires.consistency import find_reference_flaws
from questionnaires.criteria import Criteria
from questionnaires.definition import Group, Questionnaire
from questionnaires.linting.catalogue import Finding
from questionnaires.operators import check_size
from questionnaires.overlays.adversity import BETTER, WORSE, Adversity
from questionnaires.overlays.catalogue import find
from questionnaires.overlays.model import Overlay, OwnCap, OwnRedLine
from questionnaires.scales import BUYER, END_USE, MITIGATION, step_of
from questionnaires.shape import pointer_of


class Grounds(NamedTuple):
    """What conditions are held against: the standard's questionnaire, and what the standard reads as worse."""

    questionnaire: Questionnaire
    adversity: Adversity


class _Place(NamedTuple):
    """Whose condition is read, of which rows, where, and whether it holds where the part holds or where it does not."""

    name: str
    group: Group
    path: tuple[str, ...]
    meets: bool = True

    def inside(self, *tokens: str, turned: bool = False) -> "_Place":
        return self._replace(path=(*self.path, *tokens), meets=self.meets is not turned)

    def find(self, code: str, problem: str) -> Finding:
        return find(code, pointer_of(*self.path), problem)


def check_lines(overlay: Overlay, standard: Criteria, questionnaire: Questionnaire) -> Iterator[Finding]:
    """Yield what is wrong with own red lines and caps."""
    grounds = Grounds(questionnaire, Adversity(standard))
    if standard.engine == 1 and (overlay.red_lines or overlay.caps):
        yield find("base-without-holds", pointer_of("base"), f"{overlay.base.revision} is read by engine 1")
    for code, line in overlay.red_lines.items():
        yield from _check_line(code, line, grounds)
    for code, cap in overlay.caps.items():
        yield from _check_cap(code, cap, grounds)


def _check_line(code: str, line: OwnRedLine, grounds: Grounds) -> Iterator[Finding]:
    path = ("red_lines", code)
    if line.effect == "low":
        yield find("no-effect", pointer_of(*path, "effect"), f"{code} holds a result at low, where none is better")
    for at, sign in enumerate(line.signs):
        place = _Place(code, sign.per, (*path, "signs", str(at), "when"))
        yield from _check_whole(sign.when, place, grounds)
    if line.graver is not None:
        if step_of(line.graver.effect) <= step_of(line.effect):
            problem = f"{line.graver.effect} is no worse than {line.effect}"
            yield find("graver-milder", pointer_of(*path, "graver", "effect"), problem)
        for group in sorted({sign.per for sign in line.signs}):
            place = _Place(code, group, (*path, "graver", "when"))
            yield from _check_whole(line.graver.when, place, grounds)


def _check_cap(code: str, cap: OwnCap, grounds: Grounds) -> Iterator[Finding]:
    path = ("caps", code)
    if not cap.at_most and not cap.at_least and cap.floor in {None, "low"}:
        yield find("no-effect", pointer_of(*path), f"{code} holds nothing")
    for part, held, known in (("at_most", cap.at_most, MITIGATION), ("at_least", cap.at_least, (*BUYER, *END_USE))):
        for criterion in held:
            if criterion not in known:
                problem = f"{criterion} is none of the criteria that {part} can hold"
                yield find("unknown-code", pointer_of(*path, part, criterion), problem)
    yield from _check_whole(cap.when, _Place(code, "deployment", (*path, "when")), grounds)


def _check_whole(condition: Condition, place: _Place, grounds: Grounds) -> Iterator[Finding]:
    try:
        check_size(condition)
    except ValueError as error:
        yield place.find("too-large", str(error).partition(";")[0])
        return
    yield from _check(condition, place, grounds)


def _check(condition: Condition, place: _Place, grounds: Grounds) -> Iterator[Finding]:
    match condition:
        case operators.All() | operators.Any():
            name = "all" if isinstance(condition, operators.All) else "any"
            for at, part in enumerate(operators.parts(condition)):
                yield from _check(part, place.inside(name, str(at)), grounds)
        case operators.Not():
            yield from _check(condition.not_, place.inside("not", turned=True), grounds)
        case operators.RowsAre():
            yield place.find("counts-rows", f"{place.name} counts rows of {condition.rows}")
        case operators.CriterionIs():
            yield from _check_criterion(condition, place)
        case _:
            flaws = list(find_reference_flaws(grounds.questionnaire, place.name, place.group, condition))
            yield from (place.find(flaw.code, flaw.sentence) for flaw in flaws)
            if not flaws:
                yield from (place.find("lifted-by-worse", said) for said in _lifts(condition, place.meets, grounds))


def _check_criterion(condition: operators.CriterionIs, place: _Place) -> Iterator[Finding]:
    if place.group != "deployment":
        yield place.find("criterion-elsewhere", f"{place.name} reads {condition.criterion} per {place.group}")
    elif condition.criterion in MITIGATION:
        yield place.find("reads-mitigation", f"{place.name} reads {condition.criterion}")
    elif (condition.at_least is not None) is not place.meets:
        yield place.find("lifted-by-worse", f"a higher {condition.criterion} would lift {place.name}")


def _lifts(condition: Condition, meets: bool, grounds: Grounds) -> Iterator[str]:
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
        case operators.DateIs():
            yield from _lifts_amount(condition.date, (condition.after is not None) is meets, grounds.adversity)
        case operators.RatioIs():
            upward = (condition.at_least is not None) is meets
            yield from _lifts_amount(condition.ratio[0], upward, grounds.adversity)
            yield from _lifts_amount(condition.ratio[1], not upward, grounds.adversity)
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


def references_of(overlay: Overlay) -> frozenset[str]:
    """Return every `QUESTION.field` (`QUESTION` for a state) that own red lines and caps look at."""
    conditions: list[Condition] = [cap.when for cap in overlay.caps.values()]
    for line in overlay.red_lines.values():
        conditions += [sign.when for sign in line.signs]
        conditions += [line.graver.when] if line.graver is not None else []
    return frozenset(reference for condition in conditions for reference in operators.references(condition))


def is_asked(overlay: Overlay, questionnaire: Questionnaire) -> bool:
    """Return whether a questionnaire has everything that own red lines and caps look at."""
    for reference in references_of(overlay):
        id_, _, field = reference.partition(".")
        question = questionnaire.questions.get(id_)
        if question is None or (field and field not in question.fields):
            return False
    return True
