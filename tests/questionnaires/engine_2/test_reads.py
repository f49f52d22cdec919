"""What is taken over from earlier rows is what reading anew gives: of rules, and of what is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from questionnaires.criteria import Criteria
from questionnaires.documents import Deployment, deployments
from questionnaires.engine_2.plans import Plan, plan_of
from questionnaires.engine_2.reads import Memory, Reads, Step
from questionnaires.evidence import level
from questionnaires.rowfacts import Facts
from questionnaires.rowscores import levels_by_owner, levels_of
from questionnaires.totals import totals_of
from questionnaires.visibility import Asking, without_hidden
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import ON, Reviewed, Revisions, reviewed
from tests.questionnaires.engine_2.overlays.own import line, overlay_json, read
from tests.questionnaires.engine_2.overlays.test_promises import under
from tests.questionnaires.engine_2.test_promises import EXAMPLES
from tests.questionnaires.engine_2.whole import read_whole


@EXAMPLES
@given(reviewed(least=2), st.data())
def test_a_row_read_after_others_gives_what_it_gives_alone(
    revisions: Revisions, one: Reviewed, data: st.DataObject
) -> None:
    questionnaire, criteria, _ = revisions
    document = without_hidden(questionnaire, one.submission.document)
    rows = deployments(document)
    totals = totals_of(questionnaire, criteria, rows)
    best = {key: level(items, ON) for key, items in one.submission.evidence.items()}
    clashing = data.draw(st.sets(st.sampled_from(sorted(best)))) if best else set()
    worst = {key: 0 if key in clashing else proven for key, proven in best.items()}
    gone = data.draw(st.frozensets(st.sampled_from(sorted(criteria.questions & questionnaire.questions.keys()))))
    plan = plan_of(criteria)
    for order in (rows, rows[::-1]):
        memory = Memory(plan.steps)
        for row in order:
            levels = [levels_of(levels_by_owner(questionnaire, proofs), row) for proofs in (worst, best)]
            reads = Reads(memory, Facts(*revisions, row, {}, totals[row.row]))
            reads.prove(*levels)
            fewest = reads.without(gone, make_facts(revisions, row, totals, levels, gone))
            for found, left_out in ((reads, frozenset[str]()), (fewest, gone)):
                assert read_all(plan, found) == read_alone(plan, make_facts(revisions, row, totals, levels, left_out))


def make_facts(
    revisions: Revisions, row: Deployment, totals: Any, levels: Sequence[Mapping[str, int]], gone: frozenset[str]
) -> Facts:
    """Return the proven facts of a row where some questions are not asked."""
    answers = {id_: answer for id_, answer in row.answers.items() if id_ not in gone}
    facts = Facts(*revisions, row._replace(answers=answers), {}, totals[row.row])
    facts.hidden = gone
    facts.levels, facts.best_levels = levels
    return facts


def steps_of(plan: Plan) -> list[Step[Any]]:
    """Return every step that can be read of a deployment, criteria aside."""
    signs = [step for groups in plan.signs.values() for group, step in groups.items() if group == "deployment"]
    return [*plan.earned_per_row.values(), *plan.caps.values(), *plan.contradictions.values(), *signs]


def read_all(plan: Plan, reads: Reads) -> Mapping[str, Any]:
    """Return what every step finds, criteria first."""
    for code, step in plan.risks.items():
        reads.settle(code, reads.read(step))
    return {**reads.values, **{step.name: reads.read(step) for step in steps_of(plan)}}


def read_alone(plan: Plan, facts: Facts) -> Mapping[str, Any]:
    """Return what every rule gives when it is read anew."""
    for code, step in plan.risks.items():
        facts.values[code] = step.read(facts)
    return {**facts.values, **{step.name: step.read(facts) for step in steps_of(plan)}}


def test_products_that_differ_in_a_column_alone_are_told_apart(revisions: Revisions) -> None:
    document = read_whole("f6", revisions.questionnaire)
    for product, reason in (("p1", "law"), ("p2", "rights")):
        removed = {"state": "answered", "value": {"removed": [{"reason": reason}]}}
        document["product"][product]["answers"]["PRD-08"] = removed
    overlay = read(
        overlay_json(red_lines={"XL-01": line({"column": "PRD-08.removed.reason", "is": ["rights"]}, "product")})
    )
    standing = under(overlay, revisions).assess(document, evidence_of(document, "V4")).standing
    assert standing is not None
    assert [one.row for one in standing.findings if one.code == "XL-01"] == ["p2"]


def test_criteria_can_be_asked_what_they_look_at_after_they_have_been_read(revisions: Revisions) -> None:
    criteria = Criteria.model_validate_json(revisions.criteria.model_dump_json(by_alias=True))
    assert list(plan_of(criteria).risks) == list(criteria.order)
    assert criteria.questions == revisions.criteria.questions


@EXAMPLES
@given(reviewed(least=2))
def test_what_is_asked_of_a_row_is_the_same_whichever_row_is_looked_at_first(
    revisions: Revisions, one: Reviewed
) -> None:
    document = one.submission.document
    together = Asking(revisions.questionnaire, document)
    together.everything()
    for group in ("product", "deployment", "incident"):
        for row in together.rows(group):
            alone = Asking(revisions.questionnaire, document)
            assert alone.hidden(group, row) == together.hidden(group, row)
            alone.everything()
            assert alone.unsure(group, row) == together.unsure(group, row)
