"""The steps of engine 2, in order: contradictions, criteria under caps, remainders, red lines, printed bands.

Invariants: see the package; each step only makes a result worse.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from questionnaires.answerfacts import ANY_NUMBER
from questionnaires.completeness import Owner, Tallies, add_up, tally
from questionnaires.conditions import Range
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import Answer, AnswerKey, Deployment, Document, answers_of, deployments, iterate, value_of
from questionnaires.engine_2 import clashes, disclosures, findings, remainders
from questionnaires.engine_2.clashes import Clash
from questionnaires.engine_2.plans import CapReading, plan_of
from questionnaires.engine_2.reads import Memory, Reads
from questionnaires.engine_2.rows import (
    Capped,
    Limits,
    hold_company,
    per_company,
    read_alone,
    read_companywide,
    score_row,
)
from questionnaires.engine_2.standings import Scored, stand
from questionnaires.evidence import EvidenceItem, level
from questionnaires.redlines import NO_REVIEW, Review
from questionnaires.rowfacts import Facts
from questionnaires.rowscores import PEOPLE, UNDECLARED, Earnings, levels_by_owner, levels_of, rank
from questionnaires.scorecards import Scorecard
from questionnaires.standing import Hold
from questionnaires.totals import totals_of
from questionnaires.visibility import Asking, kept

ENGINE = 2


def owners_of_row(row: Deployment) -> Sequence[Owner]:
    """Return whose answers speak about a deployment."""
    return ("company", ""), ("product", row.product), ("deployment", row.row)


class Inputs(NamedTuple):
    """What an assessment reads, hidden answers gone and evidence aged."""

    questionnaire: Questionnaire
    criteria: Criteria
    context: Context
    document: Document
    sheet: disclosures.Sheet
    answers: Sequence[tuple[AnswerKey, Answer]]
    levels: Mapping[AnswerKey, int]
    review: Review
    on: date
    unread: frozenset[str]
    """Questions that the criteria read and this questionnaire does not have."""
    asking: Asking
    memory: Memory

    def facts(self, row: Deployment, totals: Mapping[str, Range]) -> Facts:
        """Return the facts of one deployment, without evidence."""
        return self.facts_of(owners_of_row(row), row, totals)

    def reads(self, row: Deployment, totals: Mapping[str, Range]) -> Reads:
        """Return the reads of one deployment, without evidence."""
        return Reads(self.memory, self.facts(row, totals))

    def read_fewest(self, reads: Reads, owners: Sequence[Owner], row: Deployment, totals: Mapping[str, Range]) -> None:
        """Add the reads where no question is asked that open answers could still rule out, if any is such.

        Both bounds read them too: an answer that counts today may be one that is not asked in the end. What no rule
        looks at makes no difference.
        """
        gone = frozenset[str]().union(*(self.asking.unsure(*owner) for owner in owners if self.sheet.knows(owner)))
        gone &= self.criteria.questions
        if gone:
            kept_answers = {id_: answer for id_, answer in row.answers.items() if id_ not in gone}
            facts = self.facts_of(owners, row._replace(answers=kept_answers), totals)
            facts.hidden |= gone
            reads.fewest = reads.without(gone, facts)

    def facts_of(self, owners: Sequence[Owner], row: Deployment, totals: Mapping[str, Range]) -> Facts:
        """Return the facts that the answers of some owners, joined in `row`, make."""
        facts = Facts(self.questionnaire, self.criteria, self.context, row, {}, totals)
        facts.hidden = self.sheet.hidden(owners) | self.unread
        facts.row_counts = {"incident": len(self.document.get("incident", ()))}
        if self.review.not_applicable:
            rows = {name for _, name in owners}
            facts.accepted = frozenset(
                key.question
                for key in self.review.not_applicable
                if key.row in rows and row.answers.get(key.question, {}).get("state") == "not_applicable"
            )
        return facts


def assess(  # noqa: PLR0913, PLR0917  # the inputs of the method
    questionnaire: Questionnaire,
    document: Document,
    evidence: Mapping[AnswerKey, Sequence[EvidenceItem]],
    criteria: Criteria,
    context: Context,
    on: date,
    review: Review = NO_REVIEW,
) -> Scorecard:
    """Return the scorecard of a valid answer document; `on` is the date at which evidence ages and waits are read."""
    asking = Asking(questionnaire, document)
    questions = asking.everything()
    visible = kept(document, questions)
    sheet = disclosures.Sheet(questionnaire, questions)
    answers = [(key, answer) for _, key, answer in iterate(visible)]
    answered = {key for key, _ in answers}
    levels = {key: level(items, on) for key, items in evidence.items() if key in answered}
    unread = criteria.questions - questionnaire.questions.keys()
    memory = Memory(plan_of(criteria).steps)
    inputs = Inputs(
        questionnaire, criteria, context, visible, sheet, answers, levels, review, on, unread, asking, memory
    )
    tallies = tally(questionnaire, visible, questions, levels)
    declared = deployments(visible) or [Deployment(UNDECLARED, "", answers_of(visible, "company"))]
    aged = disclosures.hold_aged(evidence, levels)
    return _assemble(inputs, tallies, _score(inputs, declared), [aged] if aged else [])


class Shared(NamedTuple):
    """What is the same for every deployment: what the company earns, confirmed limits, caps read for the company."""

    company: Earnings
    limits: Mapping[tuple[str, str], Mapping[str, int]]
    companywide: Mapping[str, CapReading]


def _score(inputs: Inputs, declared: Sequence[Deployment]) -> Scored:
    """Score every deployment and every remainder."""
    totals = totals_of(inputs.questionnaire, inputs.criteria, declared)
    rows = [(row, inputs.reads(row, totals[row.row])) for row in declared]
    clashing = clashes.find_clashes(inputs.questionnaire, inputs.criteria, rows, inputs.review.resolved)
    proofs = _Proofs(inputs, clashing)
    alone = Deployment("", "", answers_of(inputs.document, "company"))
    company = inputs.reads(alone, {})
    proofs.give(company, None)
    inputs.read_fewest(company, owners_of_row(alone), alone, {})
    limits = findings.limits_of(inputs.criteria, inputs.review, inputs.on)
    shared = Shared(per_company(company), limits, read_companywide(company, inputs.questionnaire))
    scorer = _Scorer(inputs, proofs, shared)
    capped = [scorer.score(row, reads, totals[row.row]) for row, reads in rows]
    holds = [*hold_company(inputs.criteria, shared.companywide), *(hold for one in capped for hold in one.holds)]
    scored = Scored(rows, [one.score for one in capped], holds, company, clashing, {}, set())
    return _add_remainders(inputs, scored, scorer)


class _Proofs:
    """The evidence behind the answers of every row: in the headline, and in the low bound."""

    def __init__(self, inputs: Inputs, clashing: Sequence[Clash]) -> None:
        self.clashing = clashes.Bearing(clashing)
        worst = clashes.without(inputs.levels, clashing)
        best = clashes.without(inputs.levels, [clash for clash in clashing if clash.certain])
        self._worst = levels_by_owner(inputs.questionnaire, worst)
        self._best = self._worst if worst is best or worst == best else levels_by_owner(inputs.questionnaire, best)

    def give(self, reads: Reads, row: Deployment | None) -> None:
        """Put the evidence of a row behind its facts."""
        levels = levels_of(self._worst, row)
        reads.prove(levels, levels if self._best is self._worst else levels_of(self._best, row))


class _Scorer:
    """Scores one row after the other."""

    def __init__(self, inputs: Inputs, proofs: _Proofs, shared: Shared) -> None:
        self._inputs, self._proofs, self._shared = inputs, proofs, shared

    def score(self, row: Deployment, reads: Reads, totals: Mapping[str, Range]) -> Capped:
        """Return the result of a row."""
        self._proofs.give(reads, row)
        owners = owners_of_row(row)
        self._inputs.read_fewest(reads, owners, row, totals)
        limits = self._shared.limits
        at_most = {code: most for owner in owners for code, most in limits.get(owner, {}).items()}
        raised = self._proofs.clashing.raising(row.row)
        return score_row(reads, row, self._shared.company, Limits(raised, at_most, self._shared.companywide))


def _add_remainders(
    inputs: Inputs,
    scored: Scored,
    scorer: _Scorer,
) -> Scored:
    """Add a row, or a floor, for units that no deployment describes."""
    rule = inputs.criteria.completeness
    if rule is None:
        return scored
    declared = [row for row, _ in scored.rows if row.row != UNDECLARED]
    areas = {row.row: reads.facts.given(rule.row_area) for row, reads in scored.rows}
    open_totals = dict.fromkeys(inputs.criteria.totalled, ANY_NUMBER)
    known = list(scored.scores)
    for missing in remainders.find_missing(rule, scored.company.facts, inputs, declared):
        alone = inputs.facts(remainders.as_deployment(rule, missing, inputs.document, alone=True), open_totals)
        certain, possible = remainders.weighs(rule, missing, read_alone(alone), known, areas)
        if missing.area is not None:
            scored.places.add(missing.area)
        if possible:
            row = remainders.as_deployment(rule, missing, inputs.document)
            capped = scorer.score(row, inputs.reads(row, open_totals), open_totals)
            scored.scores.append(capped.score)
            scored.holds.extend(capped.holds)
            scored.remainders[row.row] = bool(certain) and missing.certain
        if not certain:
            hold = remainders.hold_of(rule, missing)
            scored.holds.extend([hold] if hold else [])
    return scored


def _assemble(inputs: Inputs, tallies: Tallies, scored: Scored, holds: Sequence[Hold]) -> Scorecard:
    """Put the scorecard together once everything is scored."""
    scored.holds.extend(holds)
    standing = stand(inputs, tallies, scored)
    worst = max(scored.scores, key=lambda row: rank(row, standing.rows[row.row].band))
    answers = {row.row: row.answers for row, _ in scored.rows}
    grave = [row for row in scored.scores if standing.rows[row.row].band in {"high", "severe"}]
    people = [value_of(answers.get(row.row, {}).get(PEOPLE)).get("people") for row in grave]
    places = {value_of(row.answers.get("BUY-01")).get("area") for row, _ in scored.rows} | scored.places
    return Scorecard(
        rows=scored.scores,
        worst=worst,
        people_in_high_or_severe=sum(count for count in people if count is not None),
        people_open=sum(count is None for count in people),
        coverage=add_up(inputs.questionnaire, tallies),
        places=frozenset(place for place in places if place),
        document=inputs.document,
        levels=inputs.levels,
        standing=standing,
    )
