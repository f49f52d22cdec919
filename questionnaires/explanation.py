"""Reasons: why each criterion of each deployment has its value, in the words of the revisions.

Invariants: pure and deterministic; nothing is scored here, every value is the scorecard's own; deployments come worst
first, criteria in the order of their codes, what decided a value in the order in which the rule looked at it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from questionnaires.answerfacts import AnswerFacts
from questionnaires.criteria import BUYER, END_USE, MITIGATION, Criteria, MitigationCriterion
from questionnaires.definition import Group, MultiField, OneField, PercentField, Questionnaire, YesPartialNoField
from questionnaires.documents import Deployment, answers_of, deployments
from questionnaires.earning import Earned
from questionnaires.engine_2.remainders import as_deployment, read_row
from questionnaires.rowscores import rank
from questionnaires.rules import Ladder
from questionnaires.scoring import RowScore, Scorecard
from questionnaires.visibility import Visible, asked

CONTEXT = "CTX"
PLACE = "place:"
NOT_ASKED = "not asked"
DOES_NOT_APPLY = "does not apply, as a reviewer accepted"
HELD = ("cap:", "clash:", "red_line")


class Decider(NamedTuple):
    """One thing that decided a value: an answer's field, another criterion, a place of the context snapshot, or a cap.

    `code` is `QUESTION.field`, or the code of a criterion, a place, a cap or a contradiction; `name` is the label or
    plain name (a place has its code here); `given` is a stated answer in words, or says that the question is not asked
    or was accepted not to apply; None where it is open or the decider is no answer.
    """

    kind: Literal["answer", "criterion", "place", "cap"]
    code: str
    name: str
    given: str | None = None


class RiskReason(NamedTuple):
    """A risk criterion: its value, the low bound, and what both mean on its scale."""

    code: str
    name: str
    value: int
    low: int
    meaning: str
    meaning_low: str
    decided_by: tuple[Decider, ...]
    highest: int
    """The worst value of its scale."""

    @property
    def is_open(self) -> bool:
        """Whether open answers leave more than one value possible."""
        return self.low < self.value

    @property
    def is_gravest(self) -> bool:
        """Whether the value is the worst of its scale, whatever is open."""
        return self.low == self.highest


class Shortfall(StrEnum):
    """Why a mitigation counts less than it claims."""

    EVIDENCE = "evidence"
    """The evidence behind the claim has a lower grade."""
    GRAVEST_HARM = "gravest harm"
    """Where the harm is gravest, only evidence of a third party or an auditor counts (C-07)."""
    LIMIT = "limit"
    """A limit of the criteria holds it down, such as missing heightened diligence in a conflict (C-05)."""


class MitigationReason(NamedTuple):
    """A mitigation: the level that counts against the level claimed, and why they differ (None: they do not)."""

    code: str
    name: str
    counts: int
    claimed: int
    meaning: str
    meaning_claimed: str
    shortfall: Shortfall | None
    decided_by: tuple[Decider, ...]

    @property
    def is_open(self) -> bool:
        """Whether an open answer decided: nothing more is earned until it is given."""
        return any(decider.kind == "answer" and decider.given is None for decider in self.decided_by)


class DeploymentReasons(NamedTuple):
    """The reasons of one deployment; `context` is the reading that the buyer's kind is looked up under."""

    row: str
    buyer: tuple[RiskReason, ...]
    context: RiskReason
    end_use: tuple[RiskReason, ...]
    mitigation: tuple[MitigationReason, ...]


class _Told(NamedTuple):
    """What answers say of one row: their facts, which questions its owners are asked, and what a reviewer accepted."""

    facts: AnswerFacts
    asked: frozenset[str]
    accepted: frozenset[str]


def worst_first(scorecard: Scorecard) -> list[RowScore]:
    """Return the deployments, the worst first, in the order in which the scorecard names its worst."""
    return sorted(scorecard.rows, key=lambda row: rank(row, scorecard.printed(row)), reverse=True)


def explain(scorecard: Scorecard, criteria: Criteria, questionnaire: Questionnaire) -> tuple[DeploymentReasons, ...]:
    """Return the reasons of every deployment of a scorecard, worst first; both revisions are those that scored it."""
    known = {**criteria.names(), **_held_names(criteria)}
    visible = asked(questionnaire, scorecard.document)
    declared = {row.row: row for row in deployments(scorecard.document)}
    return tuple(
        _explain_row(
            row, criteria, known, questionnaire,
            _tell(declared.get(row.row) or _undeclared(row, scorecard, criteria), scorecard, questionnaire, visible),
        )
        for row in worst_first(scorecard)
    )  # fmt: skip


def _undeclared(row: RowScore, scorecard: Scorecard, criteria: Criteria) -> Deployment:
    """Return what answers say of a row that nobody declared: the company's; a remainder has a product and place too."""
    missing = read_row(row.row)
    if missing is None or criteria.completeness is None:
        return Deployment(row.row, row.product, answers_of(scorecard.document, "company"))
    return as_deployment(criteria.completeness, missing, scorecard.document)


def _tell(row: Deployment, scorecard: Scorecard, questionnaire: Questionnaire, visible: Visible) -> _Told:
    owners: dict[Group, str] = {"company": "", "product": row.product, "deployment": row.row}
    seen = frozenset(id_ for group, owner in owners.items() for id_ in visible.get(group, {}).get(owner, ()))
    there = {group for group, owner in owners.items() if owner in visible.get(group, {})}
    unseen = frozenset(id_ for id_, question in questionnaire.questions.items() if question.per not in there)
    accepted: frozenset[str] = frozenset()
    if scorecard.standing is not None:
        accepted = frozenset(
            key.question
            for key in scorecard.standing.review.not_applicable
            if key.row in owners.values() and row.answers.get(key.question, {}).get("state") == "not_applicable"
        )
    return _Told(AnswerFacts(questionnaire, row.answers), seen | unseen, accepted)


def _explain_row(
    row: RowScore, criteria: Criteria, known: Mapping[str, str], questionnaire: Questionnaire, said: _Told
) -> DeploymentReasons:
    told: dict[str, Decider] = {}

    def deciders(because: Sequence[str]) -> tuple[Decider, ...]:
        for reference in because:
            if reference not in told:  # many criteria rest on the same answers
                told[reference] = _decider(reference, known, questionnaire, said)
        return tuple([told[reference] for reference in dict.fromkeys(because)])

    def risk(code: str) -> RiskReason:
        item, reading = criteria.risk[code], row.readings[code]
        return RiskReason(
            code, item.name, reading.high, reading.low, _word(item.scale, reading.high), _word(item.scale, reading.low),
            deciders(reading.because), len(item.scale) - 1,
        )  # fmt: skip

    def mitigation(code: str) -> MitigationReason:
        item, earned, counts = criteria.mitigation[code], row.earned[code], row.counted[code]
        return MitigationReason(
            code, item.name, counts, earned.claimed, item.scale[counts], item.scale[earned.claimed],
            _shortfall(item, earned, counts), deciders(earned.because),
        )  # fmt: skip

    return DeploymentReasons(
        row=row.row,
        buyer=tuple(risk(code) for code in BUYER),
        context=risk(CONTEXT),
        end_use=tuple(risk(code) for code in (*END_USE, "E8")),
        mitigation=tuple(mitigation(code) for code in MITIGATION),
    )


def _word(scale: Sequence[str], value: int) -> str:
    """Return the words of a value; a scale may be shorter than the values that a rule can give."""
    return scale[min(value, len(scale) - 1)]


def _shortfall(item: MitigationCriterion, earned: Earned, counts: int) -> Shortfall | None:
    if counts >= earned.claimed:
        return None
    if counts < earned.level:
        return Shortfall.GRAVEST_HARM
    if earned.because and earned.because[0].startswith(HELD):
        return Shortfall.LIMIT
    if isinstance(item.rule, Ladder):
        limited = [limit.when.looked_at + limit.unless.looked_at for limit in item.rule.limits]
        if earned.because in limited:
            return Shortfall.LIMIT
    return Shortfall.EVIDENCE


def _decider(reference: str, names: Mapping[str, str], questionnaire: Questionnaire, said: _Told) -> Decider:
    if reference.startswith(PLACE):
        code = reference.removeprefix(PLACE)
        return Decider("place", code, code)
    if reference in names:
        kind: Literal["criterion", "cap"] = "cap" if reference.startswith(HELD) else "criterion"
        return Decider(kind, reference.rpartition(":")[2], names[reference])
    id_, _, field = reference.partition(".")
    question = questionnaire.questions.get(id_)
    silence = DOES_NOT_APPLY if id_ in said.accepted else None if id_ in said.asked else NOT_ASKED
    if question is None or field not in question.fields:  # a state, or a question that this revision does not have
        return Decider("answer", reference, id_, silence if question is not None else None)
    given = word_value(questionnaire, reference, said.facts) if silence is None else silence
    return Decider("answer", reference, question.fields[field].label, given)


def _held_names(criteria: Criteria) -> Mapping[str, str]:
    """Return the names of what may hold a value beside the rules, by the reference that stands for it."""
    caps = {f"cap:{code}": cap.name for code, cap in criteria.caps.items()}
    clashes = {f"clash:{code}": clash.name for code, clash in criteria.contradictions.items()}
    return {**caps, **clashes, "red_line": "A confirmed red line"}


def word_value(questionnaire: Questionnaire, reference: str, facts: AnswerFacts) -> str | None:
    """Return the stated value of `QUESTION.field` in the words of its choices; None where it is open."""
    stated = facts.given(reference)
    if stated is None or isinstance(stated, str | int):
        return None if stated is None else _word_one(questionnaire, reference, stated)
    chosen = [_word_one(questionnaire, reference, code) for code in stated if isinstance(code, str)]
    return "; ".join(chosen) if chosen else "none"


def _word_one(questionnaire: Questionnaire, reference: str, stated: str | int) -> str:
    match questionnaire.field(reference):
        case OneField(choices=choices) | MultiField(choices=choices) | YesPartialNoField(choices=choices):
            return choices.get(str(stated), str(stated))
        case PercentField():
            return f"{stated} %"
        case _:
            return f"{stated:,}" if isinstance(stated, int) else stated
