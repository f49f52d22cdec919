"""Answers that contradict each other (C-11): neither proves anything until a reviewer has settled it.

Invariants: a contradiction that open answers could still make is read as one in the headline and as none in the low
bound; a question of the company or a product that clashes in one deployment proves nothing in any.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from questionnaires.caps import Contradiction
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Deployment
from questionnaires.engine_2.plans import plan_of
from questionnaires.engine_2.reads import Reads


class Clash(NamedTuple):
    """A contradiction in one deployment (`row` is empty where both answers are the company's)."""

    code: str
    row: str
    rule: Contradiction
    keys: tuple[AnswerKey, ...]
    certain: bool

    @property
    def name(self) -> str:
        """The name under which a reviewer settles it."""
        return f"{self.code}/{self.row}" if self.row else self.code


def find_clashes(
    questionnaire: Questionnaire, criteria: Criteria, rows: Sequence[Deployment], reads: Reads, resolved: frozenset[str]
) -> Sequence[Clash]:
    """Return the contradictions of all deployments that are not settled, each once; the rows read first are theirs."""
    steps = plan_of(criteria).contradictions
    outcomes = {code: reads.read(step) for code, step in steps.items()}
    found: dict[str, Clash] = {}
    for number, (row, facts) in enumerate(zip(rows, reads.facts, strict=False)):
        for code, rule in criteria.contradictions.items():
            outcome = outcomes[code][number]
            if outcome is False or not facts.hidden.isdisjoint(rule.between):  # what is not asked contradicts nothing
                continue
            clash = _clash(questionnaire, code, rule, row, certain=outcome is True)
            if clash.name not in resolved:
                found.setdefault(clash.name, clash)
    return list(found.values())


def _clash(questionnaire: Questionnaire, code: str, rule: Contradiction, row: Deployment, *, certain: bool) -> Clash:
    owners = {"company": "", "product": row.product, "deployment": row.row}
    keys = tuple(AnswerKey(id_, owners[questionnaire.questions[id_].per]) for id_ in rule.between)
    companywide = all(questionnaire.questions[id_].per == "company" for id_ in rule.between)
    return Clash(code, "" if companywide else row.row, rule, keys, certain)


def without(levels: Mapping[AnswerKey, int], clashes: Sequence[Clash]) -> Mapping[AnswerKey, int]:
    """Return the evidence levels with nothing behind the answers that contradict each other."""
    if not clashes:
        return levels
    gone = frozenset(key for clash in clashes for key in clash.keys)
    return {key: 0 if key in gone else level for key, level in levels.items()}


class Bearing:
    """The contradictions that bear on each row: its own and the company's, in the order in which they were found."""

    def __init__(self, clashes: Sequence[Clash]) -> None:
        """Sort contradictions by row, once for all rows."""
        self._by_row: defaultdict[str, list[tuple[int, Clash]]] = defaultdict(list)
        for number, clash in enumerate(clashes):
            self._by_row[clash.row].append((number, clash))

    def raising(self, row: str) -> Mapping[str, Sequence[tuple[int, Clash]]]:
        """Return, per criterion, the levels that count in a deployment, each with its contradiction."""
        found: defaultdict[str, list[tuple[int, Clash]]] = defaultdict(list)
        for _, clash in sorted([*self._by_row.get("", ()), *self._by_row.get(row, ())]):
            for code, level in clash.rule.at_least.items():
                found[code].append((level, clash))
        return found
