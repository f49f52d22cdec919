"""What the method promises, under drawn overlays: whatever an investor lays on the standard, the rules stay.

ENDUSE_EXAMPLES sets how many are drawn for each promise.
"""

import copy
import random
from typing import Any

from hypothesis import assume, given

from questionnaires.canonical import canonical_bytes
from questionnaires.documents import AnswerKey, value_of
from questionnaires.linting.use import Looks
from questionnaires.overlays import Overlay, apply
from questionnaires.overlays.adversity import Adversity
from questionnaires.scales import step_of
from questionnaires.scoring import Scorecard, result_of
from questionnaires.visibility import asked
from tests.questionnaires.engine_2.conftest import Reviewed, Revisions, any_field, owners, reviewed
from tests.questionnaires.engine_2.overlays.own import load_standard, overlays
from tests.questionnaires.engine_2.test_promises import (
    EXAMPLES,
    QUESTIONNAIRE,
    altered,
    assert_no_better,
    clashes_of,
    company_low,
    halve,
    is_per_deployment,
    raise_totals,
    rows_of,
    score,
    worsen,
)
from tests.questionnaires.strategies import ORDERS
from tests.questionnaires.test_properties import scalars, withhold

READ = Adversity(load_standard().criteria)


def under(overlay: Overlay, revisions: Revisions) -> Revisions:
    """Return the revisions with an overlay laid on the criteria."""
    return revisions._replace(criteria=apply(overlay, revisions.criteria))


def own_holds(scorecard: Scorecard) -> set[str]:
    """Return which own red lines and caps bear on which company, product, deployment or incident."""
    assert scorecard.standing is not None
    lines = {line.candidate for line in scorecard.standing.findings if line.code.startswith("X") and line.band}
    caps = {f"{hold.cap}/{hold.row}" for hold in scorecard.standing.holds if hold.cap.startswith("X")}
    return lines | {cap for cap in caps if "~" not in cap}  # remainders come and go with what is told of units


@EXAMPLES
@given(overlays(), reviewed(), ORDERS)
def test_withholding_never_improves(
    revisions: Revisions, overlay: Overlay, one: Reviewed, order: random.Random
) -> None:
    own = under(overlay, revisions)
    silent = altered(one)
    read = own.criteria.questions  # few answers meet an own line, and many taken back at once hide what one does
    only_read = order.random() < 0.5
    for _, _, answers in owners(silent.submission.document):
        held = [id_ for id_ in sorted(answers) if not only_read or id_ in read]
        for question in order.sample(held, min(len(held), order.choice((0, 1, 2, 5, 40)))):
            withhold(answers, question, order)
    before, after = score(one, own), score(silent, own)
    assert own_holds(before) <= own_holds(after)
    told, untold = rows_of(before), rows_of(after)
    assert [row for row in told if untold[row][1][0] < told[row][1][0] or untold[row][1][1] < told[row][1][1]] == []
    assert step_of(after.band) >= step_of(before.band)
    assert max(r.high.residual for r in after.rows) >= max(r.high.residual for r in before.rows)


@EXAMPLES
@given(overlays(), reviewed(), ORDERS)
def test_bounds_hold_every_completion(
    revisions: Revisions, overlay: Overlay, one: Reviewed, order: random.Random
) -> None:
    own = under(overlay, revisions)
    complete = altered(one)
    for group, _, answers in owners(complete.submission.document):
        for question in (q for q in QUESTIONNAIRE.questions.values() if q.per == group and q.id != "OWN-05"):
            value = {name: any_field(field, order) for name, field in question.fields.items()}
            answers[question.id] = {"state": "answered", "value": {**value, **value_of(answers.get(question.id))}}
    before, after = score(one, own), score(complete, own)
    bounds, found = rows_of(before), rows_of(after)
    for row, (low, high) in bounds.items():
        assert low[0] <= found[row][1][0] <= high[0]
        assert low[1] <= found[row][1][1] <= high[1]
    assert company_low(before)[0] <= step_of(after.band) <= step_of(before.band)


def read_by(overlay: Overlay) -> set[str]:
    """Return the questions that own red lines and caps look at."""
    found = Looks().add([*overlay.red_lines.values(), *overlay.caps.values()])
    return found.questions


def worsen_strictly(reference: str, value: Any, order: random.Random) -> Any:
    """Return a worse value; of two choices that the standard reads alike neither is worse, whoever tells them apart."""
    worse = worsen(reference, value, order)
    if isinstance(value, str) and not READ.is_worse(reference, worse, value):
        return value
    return worse


@EXAMPLES
@given(overlays(), reviewed(), ORDERS)
def test_worse_answers_never_improve(
    revisions: Revisions, overlay: Overlay, one: Reviewed, order: random.Random
) -> None:
    own = under(overlay, revisions)
    worse = altered(one)
    read = read_by(overlay)  # one of these moves a line, while many at once change what is asked
    only_read = order.random() < 0.8
    for _, _, answers in owners(worse.submission.document):
        held = [id_ for id_ in sorted(answers) if not only_read or id_ in read]
        for question in order.sample(held, min(len(held), order.choice((1, 2) if only_read else (0, 1, 3, 40)))):
            value = {n: worsen_strictly(f"{question}.{n}", v, order) for n, v in value_of(answers[question]).items()}
            answers[question] = {**answers[question], "value": value} if value else answers[question]
    before, after = score(one, own), score(worse, own)
    assume(clashes_of(before) <= clashes_of(after))
    assume(asked(QUESTIONNAIRE, one.submission.document) == asked(QUESTIONNAIRE, worse.submission.document))
    assert own_holds(before) <= own_holds(after)
    good, bad = rows_of(before), rows_of(after)
    for row, bounds in good.items():
        for end in (0, 1):
            assert bad[row][end][0] >= bounds[end][0]
            assert bad[row][end][1] >= bounds[end][1]
    assert step_of(after.band) >= step_of(before.band)


@EXAMPLES
@given(overlays(), reviewed(least=1), reviewed(least=1))
def test_more_deployments_never_improve_the_company(
    revisions: Revisions, overlay: Overlay, one: Reviewed, other: Reviewed
) -> None:
    own = under(overlay, revisions)
    more = altered(one)
    more.submission.document["deployment"]["added"] = {**other.submission.document["deployment"]["d0"], "product": "p0"}
    added = {AnswerKey(k.question, "added"): e for k, e in other.submission.evidence.items() if k.row == "d0"}
    more.submission.evidence.update(added)
    raise_totals(more.submission.document, "added")
    assert_no_better(score(one, own), score(more, own))


@EXAMPLES
@given(overlays(), reviewed(least=1), ORDERS)
def test_splitting_and_copying_never_improve_the_company(
    revisions: Revisions, overlay: Overlay, one: Reviewed, order: random.Random
) -> None:
    own = under(overlay, revisions)
    row = order.choice(sorted(one.submission.document["deployment"]))
    split, copied = altered(one), altered(one)
    for changed in (split, copied):
        document = changed.submission.document
        document["deployment"]["twin"] = copy.deepcopy(document["deployment"][row])
        mine = {k: e for k, e in changed.submission.evidence.items() if k.row == row and is_per_deployment(k.question)}
        changed.submission.evidence.update({AnswerKey(key.question, "twin"): items for key, items in mine.items()})
    raise_totals(copied.submission.document, "twin")
    halve(split.submission.document, row, "USE-04", "people", order)
    halve(split.submission.document, row, "BUY-01", "units", order)
    twins = {
        name.replace(f"/{row}", "/twin"): d for name, d in one.review.red_lines.items() if name.endswith(f"/{row}")
    }
    both = one.review._replace(red_lines={**one.review.red_lines, **twins})
    whole = score(one, own)
    parts, twice = (score(Reviewed(s.submission, both), own) for s in (split, copied))
    assert step_of(parts.band) >= step_of(whole.band)
    assert max(r.high.residual for r in parts.rows) >= max(r.high.residual for r in whole.rows)
    assert_no_better(whole, twice)


@EXAMPLES
@given(overlays(), reviewed())
def test_without_other_weights_the_own_result_is_never_better_than_the_standard(
    revisions: Revisions, overlay: Overlay, one: Reviewed
) -> None:
    own = overlay.weights.model_copy(update={"buyer": {}, "mitigation": {}})
    bands = {**overlay.bands, "severe": min(79, overlay.bands.get("severe", 79))}  # something of its own always stays
    stricter = overlay.model_copy(update={"weights": own, "bands": bands})
    standard, strict = score(one, revisions), score(one, under(stricter, revisions))
    plain, held = rows_of(standard), rows_of(strict)
    for row, bounds in plain.items():
        for end in (0, 1):
            assert held[row][end][0] >= bounds[end][0]
            assert held[row][end][1] >= bounds[end][1]
    assert step_of(strict.band) >= step_of(standard.band)
    assert strict.standing is not None
    assert standard.standing is not None
    kept = {line.candidate: line.status for line in strict.standing.findings}
    for line in standard.standing.findings:
        graver = {line.status, "under_review"} if line.status == "open" else {line.status}  # an own cap may settle it
        assert kept[line.candidate] in graver


@EXAMPLES
@given(overlays(), reviewed())
def test_printed_is_never_better_than_computed_and_the_result_is_plain(
    revisions: Revisions, overlay: Overlay, one: Reviewed
) -> None:
    result = result_of(score(one, under(overlay, revisions)))
    assert {type(scalar) for scalar in scalars(result)} <= {int, str, bool, type(None)}
    for row in (result["company"], *result["deployments"]):
        assert step_of(row["band"]) >= step_of(row["computed_band"])
        assert step_of(row["band_low"]) <= step_of(row["band"])
    again = under(Overlay.model_validate_json(overlay.model_dump_json(by_alias=True)), revisions)
    assert canonical_bytes(result_of(score(one, again))) == canonical_bytes(result)
