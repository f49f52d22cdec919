"""What is carried over from one row to the next is what reading anew gives: of rules, and of what is asked."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

from hypothesis import given

from questionnaires.criteria import Criteria
from questionnaires.documents import AnswerKey, Deployment, deployments
from questionnaires.engine_2.plans import Plan, plan_of
from questionnaires.engine_2.reads import Reads, Step
from questionnaires.evidence import level
from questionnaires.rowfacts import Facts
from questionnaires.rowscores import levels_by_owner, levels_of
from questionnaires.totals import totals_of
from questionnaires.visibility import Asking, without_hidden
from tests.questionnaires.engine_2.conftest import ON, Reviewed, Revisions, reviewed
from tests.questionnaires.engine_2.test_promises import EXAMPLES


@EXAMPLES
@given(reviewed(least=2))
def test_a_row_read_after_another_gives_what_it_gives_alone(revisions: Revisions, one: Reviewed) -> None:
    questionnaire, criteria, _ = revisions
    document = without_hidden(questionnaire, one.submission.document)
    rows = deployments(document)
    totals = totals_of(questionnaire, criteria, rows)
    evidence = {key: level(items, ON) for key, items in one.submission.evidence.items()}
    for first, second in permutations(rows, 2):
        before = begin(revisions, first, totals, evidence)
        list(read_all(plan_of(criteria), before))
        after = begin(revisions, second, totals, evidence, before)
        alone = begin(revisions, second, totals, evidence)
        assert dict(read_all(plan_of(criteria), after)) == dict(read_all(plan_of(criteria), alone))
        assert after.facts.values == alone.facts.values


def begin(
    revisions: Revisions, row: Deployment, totals: Any, evidence: Mapping[AnswerKey, int], *before: Reads
) -> Reads:
    """Return the reads of a row with its evidence."""
    questionnaire, criteria, context = revisions
    reads = Reads(Facts(questionnaire, criteria, context, row, {}, totals[row.row]), *before)
    levels = levels_of(levels_by_owner(questionnaire, evidence), row)
    reads.prove(levels, levels)
    reads.carry_over()
    return reads


def read_all(plan: Plan, reads: Reads) -> Iterator[tuple[str, Any]]:
    """Yield what every step finds, criteria first."""
    for code, step in plan.risks.items():
        reads.settle(code, reads.read(step))
        yield code, reads.facts.values[code]
    signs = [step for groups in plan.signs.values() for group, step in groups.items() if group == "deployment"]
    others: list[Step[Any]] = [
        *plan.earned_per_row.values(), *plan.caps.values(), *plan.contradictions.values(), *signs
    ]  # fmt: skip
    for one in others:
        yield one.name, reads.read(one)


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
