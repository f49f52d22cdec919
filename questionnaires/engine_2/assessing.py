"""The steps of engine 2, in order: contradictions, criteria under caps, remainders, red lines, printed bands.

Invariants: see the package; each step only makes a result worse.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from questionnaires.completeness import Tallies, add_up, tally
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.documents import AnswerKey, Deployment, Document, answers_of, deployments, iterate, value_of
from questionnaires.engine_2 import clashes, disclosures, findings, remainders
from questionnaires.engine_2.clashes import Clash
from questionnaires.engine_2.inputs import Inputs, Row, as_row
from questionnaires.engine_2.plans import plan_of
from questionnaires.engine_2.reads import Memory, Reads
from questionnaires.engine_2.rows import (
    Capped,
    Companywide,
    Limits,
    hold_company,
    read_companywide,
    score_rows,
)
from questionnaires.engine_2.standings import Scored, stand
from questionnaires.evidence import EvidenceItem, level
from questionnaires.redlines import NO_REVIEW, Review
from questionnaires.rowscores import PEOPLE, UNDECLARED, levels_by_owner, levels_of, rank
from questionnaires.scorecards import Scorecard
from questionnaires.standing import Hold
from questionnaires.totals import totals_of
from questionnaires.visibility import Asking, kept

ENGINE = 2


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
    memory = Memory(plan_of(criteria).looks)
    inputs = Inputs(
        questionnaire, criteria, context, visible, sheet, answers, levels, review, on, unread, asking, memory
    )
    tallies = tally(questionnaire, visible, questions, levels)
    declared = deployments(visible) or [Deployment(UNDECLARED, "", answers_of(visible, "company"))]
    aged = disclosures.hold_aged(evidence, levels)
    return _assemble(inputs, tallies, _score(inputs, declared), [aged] if aged else [])


def _score(inputs: Inputs, declared: Sequence[Deployment]) -> Scored:
    """Score every deployment and every remainder."""
    alone = [as_row(Deployment("", "", answers_of(inputs.document, "company")), {})]
    company = inputs.reads(alone)
    missing = remainders.find_missing(inputs, company.facts[0], declared)
    totals = totals_of(inputs.questionnaire, inputs.criteria, declared)
    rows = [
        *(as_row(row, totals[row.row]) for row in declared),
        *(remainders.as_row_of(inputs, one) for one in missing),
    ]
    reads = inputs.reads(rows)
    clashing = clashes.find_clashes(inputs.questionnaire, inputs.criteria, declared, reads, inputs.review.resolved)
    proofs = _Proofs(inputs, clashing)
    proofs.give(company, [None])
    inputs.read_fewest(company, alone)
    companywide = read_companywide(plan_of(inputs.criteria), company, inputs.questionnaire)
    capped = _score_all(inputs, proofs, reads, rows, companywide)
    known, possible = capped[: len(declared)], capped[len(declared) :]
    holds = [*hold_company(inputs.criteria, companywide), *(hold for one in known for hold in one.holds)]
    scored = Scored(declared, reads, [one.score for one in known], holds, company, clashing, {}, set())
    _add_remainders(inputs, scored, missing, possible)
    return scored


class _Proofs:
    """The evidence behind the answers of every row: in the headline, and in the low bound."""

    def __init__(self, inputs: Inputs, clashing: Sequence[Clash]) -> None:
        self.clashing = clashes.Bearing(clashing)
        worst = clashes.without(inputs.levels, clashing)
        best = clashes.without(inputs.levels, [clash for clash in clashing if clash.certain])
        self._worst = levels_by_owner(inputs.questionnaire, worst)
        self._best = self._worst if worst is best or worst == best else levels_by_owner(inputs.questionnaire, best)

    def give(self, reads: Reads, rows: Sequence[Deployment | None]) -> None:
        """Put the evidence of rows behind their facts; None stands for the company alone."""
        for row, facts in zip(rows, reads.facts, strict=True):
            facts.levels = facts.best_levels = levels_of(self._worst, row)
            if self._best is not self._worst:
                facts.best_levels = levels_of(self._best, row)
        reads.prove()


def _score_all(
    inputs: Inputs, proofs: _Proofs, reads: Reads, rows: Sequence[Row], company: Companywide
) -> Sequence[Capped]:
    """Return the results of deployments, those that stand for missing units too."""
    proofs.give(reads, [row.deployment for row in rows])
    inputs.read_fewest(reads, rows)
    confirmed = findings.limits_of(inputs.criteria, inputs.review, inputs.on)
    limits = [
        Limits(
            proofs.clashing.raising(row.deployment.row),
            {code: most for owner in row.owners for code, most in confirmed.get(owner, {}).items()},
        )
        for row in rows
    ]
    return list(score_rows(plan_of(inputs.criteria), reads, [row.deployment for row in rows], company, limits))


def _add_remainders(
    inputs: Inputs, scored: Scored, missing: Sequence[remainders.Missing], capped: Sequence[Capped]
) -> None:
    """Add a row, or a floor, for units that no deployment describes; `capped` are the results as if all weighed."""
    declared = list(scored.scores)
    areas = remainders.areas_of(inputs, scored.rows)
    for one, result in zip(missing, capped, strict=True):
        certain, possible = remainders.weighs(inputs, one, declared, areas)
        if one.area is not None:
            scored.places.add(one.area)
        if possible:
            scored.scores.append(result.score)
            scored.holds.extend(result.holds)
            scored.remainders[one.row] = bool(certain) and one.certain
        if not certain:
            scored.holds.extend(remainders.holds_of(inputs, one))


def _assemble(inputs: Inputs, tallies: Tallies, scored: Scored, holds: Sequence[Hold]) -> Scorecard:
    """Put the scorecard together once everything is scored."""
    scored.holds.extend(holds)
    standing = stand(inputs, tallies, scored)
    worst = max(scored.scores, key=lambda row: rank(row, standing.rows[row.row].band))
    answers = {row.row: row.answers for row in scored.rows}
    grave = [row for row in scored.scores if standing.rows[row.row].band in {"high", "severe"}]
    people = [value_of(answers.get(row.row, {}).get(PEOPLE)).get("people") for row in grave]
    places = {value_of(row.answers.get("BUY-01")).get("area") for row in scored.rows} | scored.places
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
