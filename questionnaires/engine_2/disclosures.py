"""How much was disclosed: the coverage rule (C-01), the audit rule (C-08), aged evidence (C-10), answers by grade.

Invariants: read for each deployment with its company's and product's questions, so that well answered deployments do
not make up for a blank one; an admission counts as an answer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from questionnaires import conditions
from questionnaires.answerfacts import AnswerFacts
from questionnaires.caps import AuditRule, CoverageRule
from questionnaires.completeness import Owner, Tallies, is_answered
from questionnaires.definition import Question, Questionnaire
from questionnaires.documents import Answer, AnswerKey, Deployment, value_of
from questionnaires.evidence import GRADES, EvidenceItem, fresh
from questionnaires.rowscores import UNDECLARED
from questionnaires.standing import EvidenceShares, Hold
from questionnaires.visibility import Visible

SILENT = "not_answered"
DOCUMENTED, VERIFIED = 1, 3


class Asked(NamedTuple):
    """One deployment, the owners whose answers speak about it, and where the answer to a question stands."""

    row: Deployment
    owners: tuple[Owner, ...]
    visible: Mapping[Owner, frozenset[str]]
    groups: Mapping[str, Owner]

    def key(self, question: Question) -> AnswerKey | None:
        """Return the key of the answer to a question, None where it is not asked."""
        owner = self.groups[question.per]
        return AnswerKey(question.id, owner[1]) if question.id in self.visible[owner] else None


class Sheet:
    """What is asked of everyone, read once for all deployments."""

    def __init__(self, questionnaire: Questionnaire, visible: Visible) -> None:
        self._visible: dict[Owner, frozenset[str]] = {
            (group, row): frozenset(ids) for group, rows in visible.items() for row, ids in rows.items()
        }
        self._hidden: dict[Owner, frozenset[str]] = {}
        self._blank = {group: frozenset(ids) for group, ids in questionnaire.by_group.items()}

    def of(self, row: Deployment) -> Asked:
        """Return what is asked about a deployment, of the company, its product and itself."""
        product, own = (row.product, row.row) if row.row != UNDECLARED else ("", "")
        owners: tuple[Owner, ...] = (("company", ""), ("product", product), ("deployment", own))
        for group, name in owners:
            if (group, name) not in self._visible:
                self._visible[group, name] = self._blank[group] if not name else frozenset()
        return Asked(row, owners, self._visible, {owner[0]: owner for owner in owners})

    def knows(self, owner: Owner) -> bool:
        """Tell whether a company, product, deployment or incident stands in the document."""
        return owner in self._visible and bool(owner[1] or owner[0] == "company")

    def hidden(self, owners: Iterable[Owner]) -> frozenset[str]:
        """Return the questions that are not asked of any of these: company, product, deployment, incident."""
        return frozenset().union(*(self._gone(owner) for owner in owners))

    def _gone(self, owner: Owner) -> frozenset[str]:
        known = self._hidden.get(owner)
        if known is None:
            visible = self._visible.get(owner)
            if visible is None:
                return frozenset()
            known = self._hidden[owner] = self._blank[owner[0]] - visible
        return known


def hold_by_coverage(
    rule: CoverageRule, key_items: Sequence[Question], tallies: Tallies, asked: Asked
) -> Iterator[Hold]:
    """Yield the floors of C-01 for one deployment: sections and key items, then the whole."""
    sums: dict[str, list[int]] = {}
    for owner in asked.owners:
        for code, (questions, answered, _) in tallies.get(owner, {}).items():
            total = sums.setdefault(code, [0, 0])
            total[0], total[1] = total[0] + questions, total[1] + answered
    thin = [code for code in rule.sections if code in sums and _below(sums[code], rule.section_share)]
    silent = [q.id for q in key_items if _is_silent(asked.row.answers.get(q.id)) and asked.key(q) is not None]
    if thin or silent:
        because = (*(f"section:{code}" for code in thin), *silent)
        yield Hold(
            "C-01", asked.row.row, f"No band better than {rule.section_floor}.", because, floor=rule.section_floor
        )
    whole = [sum(total[0] for total in sums.values()), sum(total[1] for total in sums.values())]
    if _below(whole, rule.overall_share):
        effect = f"No band better than {rule.overall_floor}; insufficient disclosure."
        yield Hold("C-01", asked.row.row, effect, ("coverage",), floor=rule.overall_floor)


def _below(total: Sequence[int], share: int) -> bool:
    return 100 * total[1] < share * total[0]


def _is_silent(answer: Answer | None) -> bool:
    return answer is None or answer.get("state") == SILENT


def unaudited(
    questionnaire: Questionnaire, rule: AuditRule, asked: Asked, levels: Mapping[AnswerKey, int], *, best: bool
) -> tuple[str, ...]:
    """Return the key items of C-08 without an audit; `best` takes what is open as answered, or not asked at all."""
    wanted, facts = GRADES.index(rule.grade), AnswerFacts(questionnaire, asked.row.answers)
    items = (questionnaire.questions[id_] for id_ in rule.key_items)
    return tuple(item.id for item in items if not _is_audited(item, asked, levels, wanted, facts, best=best))


def _is_audited(  # noqa: PLR0913  # one item's facts
    question: Question, asked: Asked, levels: Mapping[AnswerKey, int], wanted: int, facts: AnswerFacts, *, best: bool
) -> bool:
    key = asked.key(question)
    if key is None:
        return True
    if best and question.asked_when is not None and conditions.evaluate(question.asked_when, facts) is not True:
        return True
    return levels.get(key, 0) >= wanted and (best or is_answered(question, asked.row.answers.get(question.id)))


def hold_aged(evidence: Mapping[AnswerKey, Sequence[EvidenceItem]], levels: Mapping[AnswerKey, int]) -> Hold | None:
    """Return C-10 with the answers whose evidence counts less for its age."""
    aged = {key for key, level in levels.items() for item in evidence[key] if fresh(item) > level}
    because = tuple(f"{key.row}/{key.question}" if key.row else key.question for key in sorted(aged))
    return Hold("C-10", "", "Evidence counts less for its age.", because, certain=True) if because else None


def share_out(
    answers: Sequence[tuple[AnswerKey, Answer]], levels: Mapping[AnswerKey, int], contradicted: Collection[AnswerKey]
) -> EvidenceShares:
    """Return how many answers with a value stand on what, each counted once."""
    counts = [0, 0, 0, 0]
    for key, answer in answers:
        if value_of(answer):
            level = levels.get(key, 0)
            counts[3 if key in contradicted else (level >= DOCUMENTED) + (level >= VERIFIED)] += 1
    return EvidenceShares(*counts)
