"""What mitigations earn: how far they certainly hold, and how far that is proven.

Invariants: a mitigation counts only what certainly holds, and only as far as its weakest answer is proven; an open
answer with nothing behind it earns nothing, in the low bound either.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from questionnaires import conditions, rules
from questionnaires.conditions import Condition
from questionnaires.rowfacts import Facts

CERTAIN = 4
"""The grade of a fact that needs no evidence: a criterion that was itself derived."""
UNPROVEN = -1
THIRD_PARTY = 3
"""V3: the grade below which a mitigation does not count where the harm is gravest (C-07)."""


class Earned(NamedTuple):
    """A mitigation: the level that counts, the level proven at V3 or better, the rung claimed, what decided it."""

    level: int
    level_at_v3: int
    claimed: int
    because: tuple[str, ...] = ()


def earn_both(rule: rules.MitigationRule, facts: Facts) -> tuple[Earned, Earned]:
    """Return what a mitigation earns as it stands, and with all that is open at its best (for the low bound)."""
    facts.undecided = False
    earned = earn(rule, facts)
    if not facts.undecided and facts.best_levels is facts.levels:  # nothing open was met: the best is what stands
        return earned, earned
    return earned, earn(rule, facts, hopeful=True)


def earn(rule: rules.MitigationRule, facts: Facts, *, hopeful: bool = False) -> Earned:
    """Return what a mitigation earns; `hopeful` (for the low bound) takes all that is open at its best.

    Evidence stays as it is: an open answer with nothing behind it earns nothing either way.
    """
    if isinstance(rule, rules.Proven):
        certain, possible = facts.choice(rule.of)
        facts.undecided = facts.undecided or certain != possible
        entries = facts.criteria.tables[rule.proven].entries
        claimed = max((lowest(entries[code]) for code in (possible if hopeful else certain)), default=0)
        level = facts.level(rule.of, best=hopeful)
        counts = min(claimed, level)
        return Earned(counts, counts if level >= THIRD_PARTY else 0, claimed, (rule.of,))
    return _climb(rule, facts, hopeful)


def _climb(rule: rules.Ladder, facts: Facts, hopeful: bool) -> Earned:
    weakest, claimed, level, at_v3 = CERTAIN, 0, 0, 0
    deciding: tuple[Condition, ...] = ()
    for rung, condition in enumerate(rule.ladder, start=1):
        grade = prove(condition, facts, hopeful=hopeful)
        if grade is None:  # not applicable, accepted: this rung neither gives nor blocks
            continue
        deciding = (condition,)
        if grade == UNPROVEN:
            break
        weakest, claimed = min(weakest, grade), rung
        level = max(level, min(rung, weakest))
        if weakest >= THIRD_PARTY:
            at_v3 = max(at_v3, min(rung, weakest))
    for limit in rule.limits:
        applies = conditions.evaluate(limit.when, facts)
        facts.undecided = facts.undecided or applies is None
        if applies is False or (hopeful and applies is None):
            continue
        most = max(limit.at_most, prove(limit.unless, facts, hopeful=hopeful) or 0)
        if most < level:
            deciding = (limit.when, limit.unless)
        level, at_v3 = min(level, most), min(at_v3, most)
    because = tuple(reference for condition in deciding for reference in condition.looked_at)
    return Earned(level, at_v3, claimed, because)


Prover: TypeAlias = Callable[[Facts, bool], int | None]
"""From facts, and whether all that is open is taken at its best, to what `prove` gives."""
_PROVER = "_prover"


def prove(condition: Condition, facts: Facts, *, hopeful: bool) -> int | None:
    """Return the evidence level with which a condition certainly holds, or UNPROVEN.

    None where it hangs on nothing but questions that are not asked, or whose "not applicable" was accepted.
    """
    prover: Prover | None = condition.__dict__.get(_PROVER)
    if prover is None:  # a ladder is read thousands of times: each rung is turned into a function once
        prover = condition.__dict__[_PROVER] = _compile(condition)
    return prover(facts, hopeful)


def _compile(condition: Condition) -> Prover:
    if isinstance(condition, conditions.All):
        return _joined([_compile(part) for part in condition.all], min)
    if isinstance(condition, conditions.Any):
        return _joined([_compile(part) for part in condition.any], max)
    test, questions, looked_at = conditions.test_of(condition), condition.own_questions, condition.looked_at
    derived = isinstance(condition, conditions.CriterionIs)

    def prover(facts: Facts, hopeful: bool) -> int | None:
        if facts.dropped and not facts.dropped.isdisjoint(questions):
            return None
        outcome = test(facts)
        if outcome is None:
            facts.undecided = True
        if outcome is False or (outcome is None and not hopeful):
            return UNPROVEN
        return CERTAIN if derived else min([facts.level(reference, best=hopeful) for reference in looked_at])

    return prover


def _joined(provers: Sequence[Prover], join: Callable[[list[int]], int]) -> Prover:
    """Return the prover of several parts: of those that are applicable."""

    def prover(facts: Facts, hopeful: bool) -> int | None:
        grades = [grade for part in provers if (grade := part(facts, hopeful)) is not None]
        return join(grades) if grades else None

    return prover


def lowest(entry: rules.Entry) -> int:
    """Return what a table's entry gives at least."""
    return entry if isinstance(entry, int) else entry[0]
