"""What would change a result: the smallest sets of practices that bring a deployment to a better band.

Invariants: only practices that can be taken up from today (the criteria list them), and evidence, are proposed, never
an answer about the past or about the buyer; the search is bounded and gives the same sets everywhere; each set is tried
by scoring the changed submission, so that what is proposed really reaches the band.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from questionnaires.canonical import digest
from questionnaires.documents import AnswerKey, value_of
from questionnaires.evidence import GRADES, EvidenceItem
from questionnaires.formulas import band_of, compute
from questionnaires.movement import Case
from questionnaires.practices import Change, Rise, Steps
from questionnaires.rowscores import RowScore
from questionnaires.scales import BandName, step_of
from questionnaires.scorecards import Scorecard

MOST_MITIGATIONS = 3
"""How many mitigations one set takes up at most."""
MOST_TRIES = 20
MOST_SETS = 3


class ActionSet(NamedTuple):
    """Practices that together bring the deployment to `band`; `residual` in ten-thousandths."""

    mitigations: tuple[str, ...]
    changes: tuple[Change, ...]
    band: BandName
    residual: int


def next_actions(case: Case, scorecard: Scorecard, row: str) -> tuple[ActionSet, ...]:
    """Return up to three of the smallest sets that improve a declared deployment's printed band; none where none does.

    Raises KeyError where there is no such deployment.
    """
    score = {one.row: one for one in scorecard.rows}[row]
    steps = Steps(case, scorecard, score)
    rises = {code: list(steps.rises(code)) for code in case.criteria.mitigation}
    found: list[ActionSet] = []
    for tries, chosen in enumerate(_promising(case, score, rises)):
        if tries == MOST_TRIES or len(found) == MOST_SETS:
            break
        changes = _together(chosen)
        reached = _try(case, scorecard, score, changes)
        if reached is not None and not any(set(one.changes) <= set(changes) for one in found):
            found.append(ActionSet(tuple(rise.code for rise in chosen), changes, *reached))
    return tuple(found)


def _together(chosen: Sequence[Rise]) -> tuple[Change, ...]:
    """Return the changes of several rises, each answer once: the farther value, the better proof."""
    merged: dict[tuple[str, str, str], Change] = {}
    for change in (change for rise in chosen for change in rise.changes):
        key = change.question, change.row, change.field
        merged[key] = merged[key].joined(change) if key in merged else change
    return tuple(merged[key] for key in sorted(merged))


def _promising(case: Case, score: RowScore, rises: Mapping[str, Sequence[Rise]]) -> Iterator[tuple[Rise, ...]]:
    """Yield the sets whose figures reach a better band than is computed today, those with the fewest changes first."""
    values = {code: reading.high for code, reading in score.readings.items()}
    order: dict[tuple[Rise, ...], tuple[int, int, tuple[str, ...]]] = {}
    for chosen in _choose(rises):
        counted = {**score.counted, **{rise.code: rise.level for rise in chosen}}
        figures = compute(case.criteria, values, score.involvement, counted)
        if step_of(band_of(case.criteria, figures.residual)) < step_of(score.high.band):
            order[chosen] = (len(_together(chosen)), figures.residual, tuple(rise.code for rise in chosen))
    yield from sorted(order, key=lambda chosen: order[chosen])


def _choose(rises: Mapping[str, Sequence[Rise]]) -> Iterator[tuple[Rise, ...]]:
    able = [code for code in rises if rises[code]]
    for size in range(1, MOST_MITIGATIONS + 1):
        for codes in combinations(able, size):
            yield from product(*(rises[code] for code in codes))


def _try(case: Case, scorecard: Scorecard, score: RowScore, changes: Iterable[Change]) -> tuple[BandName, int] | None:
    """Score the submission with the practices taken up; None where the printed band is no better."""
    document: Any = copy.deepcopy(dict(scorecard.document))
    evidence = {key: list(items) for key, items in case.evidence.items()}
    for change in changes:
        group = case.questionnaire.questions[change.question].per
        answers = document["company"] if group == "company" else document[group][change.row]["answers"]
        if change.value is not None:
            value = list(change.value) if isinstance(change.value, tuple) else change.value
            stated = {**value_of(answers.get(change.question)), change.field: value}
            answers[change.question] = {"state": "answered", "value": stated}
        proof = EvidenceItem(digest("a practice"), GRADES[change.grade], case.on)
        evidence.setdefault(AnswerKey(change.question, change.row), []).append(proof)
    after = case._replace(document=document, evidence=evidence).assess()
    there = next(one for one in after.rows if one.row == score.row)
    band = after.printed(there)
    return (band, there.high.residual) if step_of(band) < step_of(scorecard.printed(score)) else None
