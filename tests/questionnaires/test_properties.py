"""What the method promises of every submission, whoever fills it in and however cleverly (docs/method.md).

ENDUSE_EXAMPLES sets how many are drawn for each promise.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from questionnaires.answers import AnswerValidator
from questionnaires.canonical import canonical_bytes
from questionnaires.criteria import BANDS
from questionnaires.definition import MultiField
from questionnaires.disclosure import document_of, leaves_of
from questionnaires.documents import AnswerKey, value_of
from questionnaires.evidence import EvidenceItem
from questionnaires.formulas import Figures
from questionnaires.scoring import Scorecard, result_of
from questionnaires.visibility import asked, without_hidden
from tests.questionnaires.conftest import Revisions
from tests.questionnaires.strategies import (
    OPEN,
    ORDERS,
    QUESTIONNAIRE,
    Submission,
    any_answer,
    any_value,
    draw_evidence,
    owners,
    put_together,
    submissions,
)  # fmt: skip

EXAMPLES = settings(
    max_examples=int(os.environ.get("ENDUSE_EXAMPLES", "60")), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
Level = tuple[int, int]
"""Band and residual."""


def level(figures: Figures) -> Level:
    """Return what is compared: the band, then the residual."""
    return BANDS.index(figures.band), figures.residual


def rows_of(scorecard: Scorecard) -> dict[str, tuple[Level, Level]]:
    """Return the low and the high bound of every row."""
    return {row.row: (level(row.low), level(row.high)) for row in scorecard.rows}


def score(submission: Submission, revisions: Revisions) -> Scorecard:
    return revisions.assess(submission.document, submission.evidence)


def change(submission: Submission) -> Submission:
    """Return a copy to work on."""
    return Submission(copy.deepcopy(submission.document), dict(submission.evidence))


@EXAMPLES
@given(submissions())
def test_drawn_submissions_are_valid(submission: Submission) -> None:
    visible = without_hidden(QUESTIONNAIRE, submission.document)
    assert AnswerValidator(QUESTIONNAIRE).check_document(visible) == []


@EXAMPLES
@given(submissions(), ORDERS)
def test_withholding_answers_never_improves(revisions: Revisions, submission: Submission, order: random.Random) -> None:
    silent = change(submission)
    for _, _, answers in owners(silent.document):
        for question in order.sample(sorted(answers), min(len(answers), order.choice((0, 1, 2, 5, 40)))):
            withhold(answers, question, order)
    before, after = score(submission, revisions), score(silent, revisions)
    told, untold = rows_of(before), rows_of(after)
    assert [row for row in told if untold[row][1] < told[row][1]] == []
    assert level(after.worst.high) >= level(before.worst.high)


def withhold(answers: dict[str, Any], question: str, order: random.Random) -> None:
    """Take an answer back, or one of its fields."""
    stated = value_of(answers[question])
    kept = {name: value for name, value in stated.items() if order.random() < 0.5}
    answer = {**answers[question], "value": kept} if kept else order.choice(OPEN)
    answers.pop(question)
    if answer is not None:
        answers[question] = answer


@EXAMPLES
@given(submissions(), ORDERS)
def test_bounds_hold_whatever_open_answers_turn_out_to_be(
    revisions: Revisions, submission: Submission, order: random.Random
) -> None:
    complete = change(submission)
    for group, _, answers in owners(complete.document):
        for question in (q for q in QUESTIONNAIRE.questions.values() if q.per == group):
            value = {name: any_value(field, order) for name, field in question.fields.items()}
            answers[question.id] = {"state": "answered", "value": {**value, **value_of(answers.get(question.id))}}
    before, after = score(submission, revisions), score(complete, revisions)
    for row, found in zip(before.rows, after.rows, strict=True):
        assert level(row.low) <= level(found.high) <= level(row.high)
        assert [c for c, r in row.readings.items() if not r.low <= found.readings[c].high <= r.high] == []
        outside = [c for c, count in found.counted.items() if not row.counted[c] <= count <= row.counted_low[c]]
        assert outside == []
    assert level(before.low) <= level(after.worst.high) <= level(before.worst.high)


WORSE = {
    "PRD-05.traits": "none yes", "PRD-06.emotion": "no yes", "PRD-13.marketing": "no yes",
    "PRD-14.result": "no_gaps small_mitigated gaps", "PRD-14.by": "independent own nobody",
    "EXP-04.notice": "nothing_to_notify notified_and_stopped notified_and_sold",
    "EXP-07.icp": "icp_human_rights icp listed_items_only none", "EXP-07.audited": "within_24_months older never",
    "EXP-09.listing": "none_checked weak_cleared non_binding sister_or_minority binding_licensed",
    "BUY-01.kind": "K01 K02 K03 K09 K13", "BUY-01.end_user_known": "yes no", "BUY-01.channel": "direct partner",
    "BUY-08.control": "none_checked minor_public state_civil security_tie security_control",
    "BUY-12.brand_list": "none_checked listed listed_and_promoted",
    "BUY-18.refused_terms": "no yes_not_sold yes_sold", "CTX-01.law": "yes partly no",
    "CTX-02.authorisation": "yes partly no", "CTX-03.oversight": "yes partly no", "CTX-04.remedy": "yes partly no",
    "CTX-06.situation": "none unrest emergency armed_conflict occupation_or_internment",
    "CTX-08.heightened": "yes partial no",
    "USE-06.effect":
        "none opens_own_door stop_or_deny detention_benefit_punishment movement_of_population_or_harm",
    "USE-07.groups": "none_checked over_represented aimed_at", "USE-08.assemblies": "no yes",
    "USE-11.removal": "at_once weeks months never permanent_registry",
    "IMP-01.level": "deal product generic none", "IMP-01.independent": "yes no",
    "IMP-09.heard": "changed affected proxies experts nobody", "DES-02.log": "yes partial no",
    "DES-04.defaults": "on advice none", "DES-05.block": "blocked seen none",
    "CON-01.limits": "named_and_no_go lawful_only none", "CON-02.flow_down": "yes partial no",
    "CON-03.suspend": "yes partial no", "CON-04.audit": "yes partial no",
    "REC-01.strength": "none_searched old_remedied single repeated_or_official official_no_remedy",
    "REC-01.link": "none product_elsewhere same_buyer_or_place this_installation", "REC-06.again": "no yes",
    "REM-01.open_to": "public staff_customers none", "TRA-01.level": "named country_and_class class none",
    "TRA-02.figures": "yes partial no", "TRA-03.hria": "yes partial no", "SCP-03.level": "board management other",
    "GOV-01.policy": "yes partial no", "GOV-01.public": "yes no", "GOV-02.end_use": "yes no",
    "GOV-06.stop": "independent reports_to_sales none",
}  # fmt: skip
MORE_IS_WORSE = {"USE-04.people", "MON-02.days"}
LESS_IS_WORSE = {
    "BUY-09.known_percent", "GOV-07.refused", "CON-04.done", "CON-06.share", "MON-02.acted", "MON-03.effect",
    "REM-03.criteria_met", "REM-04.remedied",
}  # fmt: skip
ADDING_IS_WORSE = {"PRD-01.types", "PRD-10.system_types", "PRD-11.touch", "BUY-16.flags", "USE-01.stated"}
REMOVING_IS_WORSE = {
    "GOV-04.refused_uses", "BUY-13.looks_at", "BUY-14.looks_for", "BUY-15.triggers", "MON-01.sources",
}  # fmt: skip


def worsened(reference: str, value: Any, order: random.Random) -> Any:
    """Return a value that no reader would call better; the same where there is no such thing."""
    if reference in WORSE:
        ladder = WORSE[reference].split()
        return order.choice(ladder[ladder.index(value) :]) if value in ladder else value
    if reference in MORE_IS_WORSE:
        more = value * order.choice((1, 2, 50)) + order.choice((0, 1))
        return more if reference == "USE-04.people" else max(value, min(more, 3650))
    if reference in LESS_IS_WORSE:
        return value // order.choice((1, 2, 50))
    if reference in REMOVING_IS_WORSE:
        return [code for code in value if order.random() < 0.5]
    if reference in ADDING_IS_WORSE and value:  # an empty list of uses reads as undeclared
        question, _, name = reference.partition(".")
        field = QUESTIONNAIRE.questions[question].fields[name]
        assert isinstance(field, MultiField)
        return sorted({*value, order.choice(list(field.choices))})
    return value


@EXAMPLES
@given(submissions(), ORDERS)
def test_worse_answers_never_improve(revisions: Revisions, submission: Submission, order: random.Random) -> None:
    worse = change(submission)
    for _, _, answers in owners(worse.document):
        for question in order.sample(sorted(answers), min(len(answers), order.choice((0, 1, 3, 40)))):
            value = {n: worsened(f"{question}.{n}", v, order) for n, v in value_of(answers[question]).items()}
            answers[question] = {**answers[question], "value": value} if value else answers[question]
    before, after = score(submission, revisions), score(worse, revisions)
    good, bad = rows_of(before), rows_of(after)
    assert [row for row in good if bad[row][0] < good[row][0] or bad[row][1] < good[row][1]] == []
    assert level(after.low) >= level(before.low)
    assert level(after.worst.high) >= level(before.worst.high)


def copy_evidence(submission: Submission, row: str, twin: str) -> None:
    """Put the evidence of one deployment behind another."""
    questions = QUESTIONNAIRE.by_group["deployment"]
    own = {k: items for k, items in submission.evidence.items() if k.row == row and k.question in questions}
    submission.evidence.update({AnswerKey(key.question, twin): items for key, items in own.items()})


@EXAMPLES
@given(submissions(least=1), submissions(least=1))
def test_more_deployments_never_improve_the_company(
    revisions: Revisions, submission: Submission, other: Submission
) -> None:
    more = change(submission)
    more.document["deployment"]["added"] = {**other.document["deployment"]["d0"], "product": "p0"}
    more.evidence.update({AnswerKey(k.question, "added"): e for k, e in other.evidence.items() if k.row == "d0"})
    before, after = score(submission, revisions), score(more, revisions)
    assert level(after.worst.high) >= level(before.worst.high)
    assert level(after.low) >= level(before.low)


@EXAMPLES
@given(submissions(least=1), ORDERS)
def test_splitting_merging_and_copying_never_improve_the_company(
    revisions: Revisions, submission: Submission, order: random.Random
) -> None:
    row = order.choice(sorted(submission.document["deployment"]))
    split, copied = change(submission), change(submission)
    for changed in (split, copied):
        changed.document["deployment"]["twin"] = copy.deepcopy(changed.document["deployment"][row])
        copy_evidence(changed, row, "twin")
    halves = [split.document["deployment"][id_]["answers"].get("USE-04") for id_ in (row, "twin")]
    people = value_of(halves[0]).get("people", 0)
    part = order.randint(0, people)
    for half, count in zip(halves, (part, people - part), strict=True):
        if value_of(half):
            half["value"] = {"people": count}
    whole, parts, twice = (score(s, revisions) for s in (submission, split, copied))
    assert level(parts.worst.high) == level(whole.worst.high)  # read backwards: merging
    assert level(twice.worst.high) >= level(whole.worst.high)
    assert level(twice.low) >= level(whole.low)


@EXAMPLES
@given(submissions(), ORDERS)
def test_hidden_answers_and_their_evidence_change_nothing(
    revisions: Revisions, submission: Submission, order: random.Random
) -> None:
    visible = asked(QUESTIONNAIRE, submission.document)
    padded = change(submission)
    for group, row, answers in owners(padded.document):
        for question in QUESTIONNAIRE.by_group[group]:  # type: ignore[index]  # the three groups
            if question not in visible[group][row]:  # type: ignore[index]  # the three groups
                answers.pop(question, None)
                answer = any_answer(question, order)
                if answer is not None:
                    answers[question] = answer
    fresh = draw_evidence(padded.document, order)
    hidden = [key for key in fresh if key.question not in visible[QUESTIONNAIRE.questions[key.question].per][key.row]]
    padded.evidence.update({key: fresh[key] for key in hidden})
    assert result_of(score(padded, revisions)) == result_of(score(submission, revisions))


@EXAMPLES
@given(submissions(), ORDERS)
def test_order_and_ids_change_nothing(revisions: Revisions, submission: Submission, order: random.Random) -> None:
    names = {
        row: f"z{9 - int(row[1:])}-{row[0]}" for group, row, _ in owners(submission.document) if group != "company"
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            keys = order.sample(list(value), len(value))
            return {names.get(key, key): renamed(value[key]) for key in keys}
        return names.get(value, value) if isinstance(value, str) else value

    evidence = {AnswerKey(k.question, names.get(k.row, k.row)): items for k, items in submission.evidence.items()}
    before = result_of(score(submission, revisions))
    after = result_of(score(Submission(renamed(submission.document), evidence), revisions))
    for result in (before, after):
        result["company"].pop("worst")  # of two rows with the same figures, either
    before["deployments"] = sorted(
        (
            {**r, "row": names.get(r["row"], r["row"]), "product": names.get(r["product"], "")}
            for r in before["deployments"]
        ),
        key=lambda r: str(r["row"]),
    )
    assert after == before


@EXAMPLES
@given(submissions())
def test_disclosed_leaves_give_the_same_bytes(revisions: Revisions, submission: Submission) -> None:
    scorecard = score(submission, revisions)
    signed = canonical_bytes(result_of(scorecard))
    assert signed == canonical_bytes(result_of(score(submission, revisions)))
    leaves = leaves_of(scorecard.document, {key: items_json(items) for key, items in submission.evidence.items()})
    rebuilt = Submission(*document_of(json.loads(json.dumps(leaves))))
    assert canonical_bytes(result_of(score(rebuilt, revisions))) == signed
    fewer = revisions._replace(context=revisions.context.used(scorecard.places))
    assert canonical_bytes(result_of(score(rebuilt, fewer))) == signed


def items_json(items: list[EvidenceItem]) -> list[dict[str, Any]]:
    return [
        {"digest": i.digest, "grade": i.grade, "dated": i.dated.isoformat() if i.dated else None, "graded_by": None}
        for i in items
    ]


@EXAMPLES
@given(submissions())
def test_results_hold_whole_numbers_words_and_truths_only(revisions: Revisions, submission: Submission) -> None:
    kinds = {type(scalar) for scalar in scalars(result_of(score(submission, revisions)))}
    assert kinds == {int, str, bool}


def scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from scalars(part)
    else:
        yield value


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_drawn_submissions_reach_every_band(steps: int, revisions: Revisions) -> None:
    drawn = (put_together(random.Random(seed), 1, 1, 1) for seed in range(150))
    assert BANDS[steps] in {score(submission, revisions).worst.high.band for submission in drawn}
