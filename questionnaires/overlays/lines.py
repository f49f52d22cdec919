"""Own red lines and caps: what their conditions may look at, so that nothing worse ever lifts them.

Invariants: a condition looks at what its own row can see; whatever the standard reads as worse than what meets it,
meets it too. How many rows there are is never looked at: rows can be added.
"""

from collections.abc import Iterator
from typing import NamedTuple

from questionnaires import operators
from questionnaires.conditions import Condition
from questionnaires.consistency import find_reference_flaws
from questionnaires.criteria import Criteria
from questionnaires.definition import Group, Questionnaire
from questionnaires.linting.catalogue import Finding
from questionnaires.operators import check_size
from questionnaires.overlays.adversity import Adversity
from questionnaires.overlays.catalogue import find
from questionnaires.overlays.lifting import Grounds, find_counted, find_lifts, holds_unasked
from questionnaires.overlays.model import Overlay, OwnCap, OwnRedLine
from questionnaires.scales import BUYER, END_USE, MITIGATION, step_of
from questionnaires.shape import pointer_of


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
    complete = standard.completeness
    divided = frozenset(standard.totalled) | ({complete.row_units} if complete is not None else set())
    listed = None if complete is None else complete.totals
    grounds = Grounds(questionnaire, Adversity(standard), divided, listed, find_counted(questionnaire))
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
                yield from (place.find("lifted-by-worse", said) for said in find_lifts(condition, place.meets, grounds))
                yield from _check_rows(condition, place, grounds)


def _check_rows(condition: Condition, place: _Place, grounds: Grounds) -> Iterator[Finding]:
    """Yield how more rows, or rows that are split, could lift a condition that looks at one field."""
    for reference in operators.references(condition):
        if reference in grounds.divided:
            yield place.find("divided-by-rows", f"{place.name} reads {reference} of one row")
        if reference.partition(".")[0] in grounds.counted and holds_unasked(condition) in {place.meets, None}:
            problem = f"{reference} may not be asked for how many rows there are, and {place.name} would hold then"
            yield place.find("counts-rows", problem)


def _check_criterion(condition: operators.CriterionIs, place: _Place) -> Iterator[Finding]:
    if place.group != "deployment":
        yield place.find("criterion-elsewhere", f"{place.name} reads {condition.criterion} per {place.group}")
    elif condition.criterion in MITIGATION:
        yield place.find("reads-mitigation", f"{place.name} reads {condition.criterion}")
    elif (condition.at_least is not None) is not place.meets:
        yield place.find("lifted-by-worse", f"a higher {condition.criterion} would lift {place.name}")


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
