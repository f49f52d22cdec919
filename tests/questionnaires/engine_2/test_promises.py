"""What engine 2 promises of every submission, on drawn ones (docs/method.md).

ENDUSE_EXAMPLES sets how many are drawn for each promise.
"""

import copy
import json
import os
import random
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings

from questionnaires.canonical import canonical_bytes
from questionnaires.definition import MultiField
from questionnaires.disclosure import document_of, leaves_of
from questionnaires.documents import AnswerKey, value_of
from questionnaires.redlines import read_review, review_json
from questionnaires.scales import step_of
from questionnaires.scoring import Scorecard, result_of
from questionnaires.visibility import asked
from tests.questionnaires.engine_2.conftest import (
    Reviewed,
    Revisions,
    any_answer,
    any_field,
    draw,
    load_questionnaire,
    owners,
    reviewed,
)
from tests.questionnaires.strategies import ORDERS, draw_evidence
from tests.questionnaires.test_properties import change, items_json, scalars, withhold, worsened

EXAMPLES = settings(
    max_examples=int(os.environ.get("ENDUSE_EXAMPLES", "30")), deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)  # fmt: skip
QUESTIONNAIRE = load_questionnaire()
Level = tuple[int, int]
"""Printed band and residual."""


def score(one: Reviewed, revisions: Revisions) -> Scorecard:
    return revisions.assess(one.submission.document, one.submission.evidence, one.review)


def altered(one: Reviewed) -> Reviewed:
    """Return a copy to work on."""
    return Reviewed(change(one.submission), one.review)


def rows_of(scorecard: Scorecard) -> dict[str, tuple[Level, Level]]:
    """Return the low and the high bound of every declared row, by printed band."""
    assert scorecard.standing is not None
    stands = scorecard.standing.rows
    return {
        row.row: (
            (step_of(stands[row.row].band_low), row.low.residual),
            (step_of(stands[row.row].band), row.high.residual),
        )
        for row in scorecard.rows
        if not row.row.startswith("~remainder")
    }


def company(scorecard: Scorecard) -> Level:
    return step_of(scorecard.band), scorecard.worst.high.residual if scorecard.worst else 0


def company_low(scorecard: Scorecard) -> Level:
    assert scorecard.standing is not None
    return step_of(scorecard.standing.band_low), scorecard.low.residual


@EXAMPLES
@given(reviewed(), ORDERS)
@example(draw(random.Random(17103284), 1, 3, 1), random.Random(17103284))  # open places covered units at unknown places
def test_withholding_never_improves_a_printed_band_or_an_upper_bound(
    revisions: Revisions, one: Reviewed, order: random.Random
) -> None:
    silent = altered(one)
    only_red_lines = order.random() < 0.4  # few answers raise one, and many taken back at once hide what one does
    for _, _, answers in owners(silent.submission.document):
        held = [id_ for id_ in sorted(answers) if not only_red_lines or QUESTIONNAIRE.questions[id_].red_line]
        for question in order.sample(held, min(len(held), order.choice((0, 1, 2, 5, 40)))):
            withhold(answers, question, order)
    before, after = score(one, revisions), score(silent, revisions)
    told, untold = rows_of(before), rows_of(after)
    assert [row for row in told if untold[row][1][0] < told[row][1][0] or untold[row][1][1] < told[row][1][1]] == []
    assert step_of(after.band) >= step_of(before.band)
    assert max(r.high.residual for r in after.rows) >= max(r.high.residual for r in before.rows)


@EXAMPLES
@given(reviewed(), ORDERS)
@example(draw(random.Random(11673), 2, 3, 7), random.Random(15334))  # a low bound held by what is not asked in the end
def test_bounds_hold_whatever_open_answers_turn_out_to_be(
    revisions: Revisions, one: Reviewed, order: random.Random
) -> None:
    complete = altered(one)
    for group, _, answers in owners(complete.submission.document):
        for question in (q for q in QUESTIONNAIRE.questions.values() if q.per == group and q.id != "OWN-05"):
            value = {name: any_field(field, order) for name, field in question.fields.items()}
            answers[question.id] = {"state": "answered", "value": {**value, **value_of(answers.get(question.id))}}
    before, after = score(one, revisions), score(complete, revisions)
    bounds, found = rows_of(before), rows_of(after)
    for row, (low, high) in bounds.items():
        assert low[0] <= found[row][1][0] <= high[0]
        assert low[1] <= found[row][1][1] <= high[1]
    assert company_low(before)[0] <= step_of(after.band) <= step_of(before.band)


@EXAMPLES
@given(reviewed(), ORDERS)
def test_worse_answers_never_improve(revisions: Revisions, one: Reviewed, order: random.Random) -> None:
    worse = altered(one)
    for _, _, answers in owners(worse.submission.document):
        for question in order.sample(sorted(answers), min(len(answers), order.choice((0, 1, 3, 40)))):
            value = {n: worsen(f"{question}.{n}", v, order) for n, v in value_of(answers[question]).items()}
            answers[question] = {**answers[question], "value": value} if value else answers[question]
    before, after = score(one, revisions), score(worse, revisions)
    assume(clashes_of(before) <= clashes_of(after))  # an answer that settles a contradiction is not only worse
    assume(asked(QUESTIONNAIRE, one.submission.document) == asked(QUESTIONNAIRE, worse.submission.document))
    good, bad = rows_of(before), rows_of(after)
    for row, bounds in good.items():
        for end in (0, 1):
            assert bad[row][end][0] >= bounds[end][0]
            assert bad[row][end][1] >= bounds[end][1]
    assert step_of(after.band) >= step_of(before.band)


WORSE = {
    "OWN-01.state_tie": "none_checked minor_public state_civil security_tie security_control",
    "OWN-02.own_listing": "none_checked listed_ended barred listed_now", "PRD-02.covert": "no set_up design",
    "PRD-03.matching": "none one_to_one many_after many_live",
    "EXP-08.detour": "none_checked licensed_there unlicensed",
    "EXP-10.after_refusal": "no_refusal stopped went_on", "USE-19.names_group": "no_checked yes",
    "BUY-07.passed_on": "none_checked single_requests on_request standing_access",
    "USE-02.circle": "named consenting site area network", "USE-21.defenders": "none_checked alleged confirmed",
    "REM-05.retaliation": "none withdrawn yes", "USE-16.basis": "court_order official_order general none",
    "IMP-08.known": "nothing_searched similar_buyers this_buyer this_use", "BUY-19.loans": "none_checked some_missing",
    "USE-17.changed": "no_checked yes_acceptable yes_beyond",
}  # fmt: skip
MORE_IS_WORSE = {
    "CTX-05.laws", "USE-03.places", "USE-09.databases", "USE-10.receivers", "USE-12.settings", "USE-13.border_use",
    "USE-15.involves", "PRD-16.routes", "PRD-18.galleries", "PRD-20.help_given",
}  # fmt: skip


def worsen(reference: str, value: Any, order: random.Random) -> Any:
    """Return a value that no reader would call better, of revision 2's own fields too."""
    if reference in WORSE:
        ladder = WORSE[reference].split()
        return order.choice(ladder[ladder.index(value) :]) if value in ladder else value
    if reference in MORE_IS_WORSE:
        field = QUESTIONNAIRE.field(reference)
        assert isinstance(field, MultiField)
        return sorted({*value, order.choice(list(field.choices))})
    if reference == "OWN-09.place_unknown":
        return value + order.choice((0, 1, 50))
    return worsened(reference, value, order)


def clashes_of(scorecard: Scorecard) -> set[tuple[str, str]]:
    assert scorecard.standing is not None
    return {(hold.effect, hold.row) for hold in scorecard.standing.holds if hold.cap == "C-11"}


@EXAMPLES
@given(reviewed(least=1), reviewed(least=1))
def test_more_deployments_never_improve_the_company(revisions: Revisions, one: Reviewed, other: Reviewed) -> None:
    more = altered(one)
    more.submission.document["deployment"]["added"] = {**other.submission.document["deployment"]["d0"], "product": "p0"}
    added = {AnswerKey(k.question, "added"): e for k, e in other.submission.evidence.items() if k.row == "d0"}
    more.submission.evidence.update(added)
    raise_totals(more.submission.document, "added")
    assert_no_better(score(one, revisions), score(more, revisions))


def raise_totals(document: dict[str, Any], row: str) -> None:
    """Add a deployment's units to the totals: it is another one, not one of those that were missing."""
    totals = value_of(document["company"].get("OWN-05")).get("areas")
    sale = value_of(document["deployment"][row]["answers"].get("BUY-01"))
    if totals is not None:
        line = {"product": document["deployment"][row]["product"], "units": sale.get("units", 0)}
        areas = [*totals, line | ({"area": sale["area"]} if "area" in sale else {})]
        document["company"]["OWN-05"] = {"state": "answered", "value": {"areas": areas}}
    own = document["product"][document["deployment"][row]["product"]]["answers"]
    told = value_of(own.get("OWN-09"))
    if "total" in told:
        more = {**told, "total": told["total"] + sale.get("units", 0)}
        own["OWN-09"] = {"state": "answered", "value": more}


def assert_no_better(before: Scorecard, after: Scorecard) -> None:
    """Compare companies, shares of missing units aside: more units at a place make the same gap a smaller share.

    The low bound is compared where nothing is missing: an added deployment may be one that was.
    """
    assert before.standing is not None
    assume(not any(hold.cap == "completeness" for hold in before.standing.holds))
    assert step_of(after.band) >= step_of(before.band)
    assert before.standing.remainders or company_low(after) >= company_low(before)
    assert max(r.high.residual for r in after.rows) >= max(r.high.residual for r in before.rows)


@EXAMPLES
@given(reviewed(least=1), ORDERS)
def test_splitting_merging_and_copying_never_improve_the_company(
    revisions: Revisions, one: Reviewed, order: random.Random
) -> None:
    row = order.choice(sorted(one.submission.document["deployment"]))
    split, copied = altered(one), altered(one)
    for changed in (split, copied):
        document = changed.submission.document
        document["deployment"]["twin"] = copy.deepcopy(document["deployment"][row])
        own = {k: e for k, e in changed.submission.evidence.items() if k.row == row and is_per_deployment(k.question)}
        changed.submission.evidence.update({AnswerKey(key.question, "twin"): items for key, items in own.items()})
    raise_totals(copied.submission.document, "twin")
    halve(split.submission.document, row, "USE-04", "people", order)
    halve(split.submission.document, row, "BUY-01", "units", order)
    twins = {
        name.replace(f"/{row}", "/twin"): d for name, d in one.review.red_lines.items() if name.endswith(f"/{row}")
    }
    both = one.review._replace(red_lines={**one.review.red_lines, **twins})
    whole = score(one, revisions)
    parts, twice = (score(Reviewed(s.submission, both), revisions) for s in (split, copied))
    assert (parts.band, parts.worst.high.residual) == (whole.band, whole.worst.high.residual)
    assert_no_better(whole, twice)


def is_per_deployment(question: str) -> bool:
    return QUESTIONNAIRE.questions[question].per == "deployment"


def halve(document: dict[str, Any], row: str, question: str, field: str, order: random.Random) -> None:
    halves = [document["deployment"][id_]["answers"].get(question) for id_ in (row, "twin")]
    whole = value_of(halves[0]).get(field)
    if whole is not None:
        part = order.randint(0, whole)
        for half, count in zip(halves, (part, whole - part), strict=True):
            half["value"] = {**half["value"], field: count}


@EXAMPLES
@given(reviewed(), ORDERS)
def test_hidden_answers_and_their_evidence_change_nothing(
    revisions: Revisions, one: Reviewed, order: random.Random
) -> None:
    visible: dict[str, Any] = dict(asked(QUESTIONNAIRE, one.submission.document))
    padded = altered(one)
    for group, row, answers in owners(padded.submission.document):
        for question in QUESTIONNAIRE.by_group[group]:
            if question not in visible[group][row]:
                answers.pop(question, None)
                answer = any_answer(question, order)
                if answer is not None:
                    answers[question] = answer
    fresh = draw_evidence(padded.submission.document, order)
    hidden = [key for key in fresh if key.question not in visible[QUESTIONNAIRE.questions[key.question].per][key.row]]
    padded.submission.evidence.update({key: fresh[key] for key in hidden})
    assert result_of(score(padded, revisions)) == result_of(score(one, revisions))


@EXAMPLES
@given(reviewed(), ORDERS)
def test_order_changes_nothing(revisions: Revisions, one: Reviewed, order: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in order.sample(list(value), len(value))}
        return value

    turned = altered(one)
    document = shuffled(turned.submission.document)
    totals = value_of(document["company"].get("OWN-05")).get("areas")
    if totals:
        document["company"]["OWN-05"]["value"]["areas"] = order.sample(totals, len(totals))
    again = revisions.assess(document, turned.submission.evidence, turned.review)
    assert result_of(again) == result_of(score(one, revisions))


@EXAMPLES
@given(reviewed(), ORDERS)
def test_row_ids_change_no_figure(revisions: Revisions, one: Reviewed, order: random.Random) -> None:
    names = {
        row: f"z{9 - int(row[1:])}-{row[0]}" for group, row, _ in owners(one.submission.document) if group != "company"
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    evidence = {AnswerKey(k.question, names.get(k.row, k.row)): items for k, items in one.submission.evidence.items()}
    decisions = {}
    for name, decision in one.review.red_lines.items():
        head, _, row = name.rpartition("/")
        decisions[f"{head}/{names[row]}" if row in names else name] = decision
    review = one.review._replace(red_lines=decisions)
    before = score(one, revisions)
    after = revisions.assess(renamed(one.submission.document), evidence, review)
    plain = [result_of(scorecard)["company"] for scorecard in (before, after)]
    for figures in plain:
        del figures["worst"], figures["not_rated"]
    assert plain[0] == plain[1]
    told, again = rows_of(before), rows_of(after)
    assert {names.get(row, row): bounds for row, bounds in told.items()} == again


@EXAMPLES
@given(reviewed())
def test_disclosed_leaves_and_the_review_give_the_same_bytes(revisions: Revisions, one: Reviewed) -> None:
    scorecard = score(one, revisions)
    signed = canonical_bytes(result_of(scorecard))
    leaves = leaves_of(scorecard.document, {key: items_json(items) for key, items in one.submission.evidence.items()})
    document, evidence = document_of(json.loads(json.dumps(leaves)))
    review = read_review(json.loads(signed)["review"])
    assert review_json(review) == json.loads(signed)["review"]
    fewer = revisions._replace(context=revisions.context.used(scorecard.places))
    assert canonical_bytes(result_of(fewer.assess(document, evidence, review))) == signed


@EXAMPLES
@given(reviewed())
def test_printed_is_never_better_than_computed_and_every_difference_has_a_reason(
    revisions: Revisions, one: Reviewed
) -> None:
    result = result_of(score(one, revisions))
    assert {type(scalar) for scalar in scalars(result)} <= {int, str, bool, type(None)}
    places = {id_: row["deployment"] for id_, row in one.submission.document.get("incident", {}).items()}
    for row in result["deployments"]:
        holds = [c["floor"] for c in result["caps"] if c["row"] == row["row"] and c["floor"]]
        own = {("deployment", row["row"]), ("product", row["product"])}
        own |= {("incident", id_) for id_, place in places.items() if place == row["row"]}
        found = [line for line in result["red_lines"] if (line["group"], line["row"]) in own]
        lines = [line["band"] for line in found if line["band"]]
        assert row["band"] == max([row["computed_band"], *holds, *lines], key=step_of)
        assert step_of(row["band_low"]) >= step_of(row["computed_band_low"])
        assert step_of(row["band_low"]) <= step_of(row["band"])
