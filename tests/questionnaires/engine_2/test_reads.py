"""What is read of many rows together is what reading each of them gives: of rules, and of what is asked."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
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
from questionnaires.scoring import result_of
from questionnaires.totals import totals_of
from questionnaires.visibility import Asking, without_hidden
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import ON, Reviewed, Revisions, reviewed
from tests.questionnaires.engine_2.overlays.own import line, overlay_json, read
from tests.questionnaires.engine_2.overlays.test_promises import under
from tests.questionnaires.engine_2.test_promises import EXAMPLES
from tests.questionnaires.engine_2.whole import read_whole
from tests.questionnaires.small import answered


@EXAMPLES
@given(reviewed(least=2), st.data())
def test_rows_read_together_give_what_each_gives_alone(
    revisions: Revisions, one: Reviewed, data: st.DataObject
) -> None:
    questionnaire, criteria, _ = revisions
    document = without_hidden(questionnaire, one.submission.document)
    rows = deployments(document)
    totals = totals_of(questionnaire, criteria, rows)
    best = {key: level(items, ON) for key, items in one.submission.evidence.items()}
    clashing = data.draw(st.sets(st.sampled_from(sorted(best)))) if best else set()
    worst = {key: 0 if key in clashing else proven for key, proven in best.items()}
    some = st.frozensets(st.sampled_from(sorted(criteria.questions & questionnaire.questions.keys())))
    hidden, gone = {row.row: data.draw(some) for row in rows}, data.draw(some)
    plan = plan_of(criteria)
    proofs = {
        row.row: [levels_of(levels_by_owner(questionnaire, levels), row) for levels in (worst, best)] for row in rows
    }
    fewer = data.draw(st.sets(st.sampled_from([row.row for row in rows])))

    def facts(row: Deployment, left_out: frozenset[str] = frozenset()) -> Facts:
        return make_facts(revisions, row, totals, proofs[row.row], left_out | hidden[row.row])

    memory = Memory(plan.looks)
    for order in (rows, rows[::-1], rows[:1]):
        reads = Reads(memory, [facts(row) for row in order])
        reads.prove()
        reads.ask_fewest({number: facts(row, gone) for number, row in enumerate(order) if row.row in fewer})
        found = read_all(plan, reads)
        for number, row in enumerate(order):
            left_out = [frozenset[str](), gone] if row.row in fewer else [frozenset[str]()]
            alone = [read_alone(plan, facts(row, without)) for without in left_out]
            assert {name: list(reads.of(number, column)) for name, column in found.items()} == {
                name: [one[name] for one in alone] for name in found
            }


def diligent_row(revisions: Revisions) -> Deployment:
    """Return a deployment with every answer given, among them what C-05 asks."""
    row = deployments(read_whole("f4b", revisions.questionnaire))[0]
    diligent = {"CTX-06": answered(situation="armed_conflict"), "CTX-08": answered(heightened="yes")}
    return row._replace(answers={**row.answers, **diligent})


def read_apart(revisions: Revisions, variants: Sequence[Callable[[], Facts]]) -> Collection[str]:
    """Hold what is found in rows read together against each alone; return the names of the steps that differ."""
    plan = plan_of(revisions.criteria)
    reads = Reads(Memory(plan.looks), [make() for make in variants])
    reads.prove()
    found = read_all(plan, reads)
    for number, make in enumerate(variants):
        assert {name: column[number] for name, column in found.items()} == read_alone(plan, make())
    return {name for name, column in found.items() if len(set(column)) > 1}


def test_rows_that_differ_in_the_evidence_of_one_answer_are_told_apart(revisions: Revisions) -> None:
    row = diligent_row(revisions)
    totals = totals_of(revisions.questionnaire, revisions.criteria, [row])
    all_proven = dict.fromkeys(row.answers, 4)
    proofs: list[Sequence[Mapping[str, int]]] = [(all_proven, all_proven)]
    for question in sorted(plan_of(revisions.criteria).looks.proven & row.answers.keys()):
        less = {**all_proven, question: 0}
        proofs += [(less, all_proven), (less, less)]
    variants = [partial(make_facts, revisions, row, totals, levels, frozenset()) for levels in proofs]
    assert read_apart(revisions, variants) >= {"C-05", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9"}


def test_rows_that_are_not_asked_what_others_leave_open_are_told_apart(revisions: Revisions) -> None:
    row = diligent_row(revisions)
    totals = totals_of(revisions.questionnaire, revisions.criteria, [row])
    levels = dict.fromkeys(row.answers, 4), dict.fromkeys(row.answers, 4)
    variants = []
    for question in sorted(revisions.criteria.questions & row.answers.keys()):
        silent = row._replace(answers={id_: answer for id_, answer in row.answers.items() if id_ != question})
        variants.append(partial(make_facts, revisions, silent, totals, levels, frozenset()))
        variants.append(partial(make_facts, revisions, silent, totals, levels, frozenset((question,))))
    assert read_apart(revisions, variants) >= {"C-05", "M1", "M5", "E1", "E2", "B7", "B9", "X-01"}


def test_rows_with_other_answers_to_a_question_that_is_not_asked_are_told_apart(revisions: Revisions) -> None:
    row = diligent_row(revisions)
    totals = totals_of(revisions.questionnaire, revisions.criteria, [row])

    def facts(area: str) -> Facts:  # a place is read wherever it stands: a questionnaire may not ask for it
        placed = row._replace(answers={**row.answers, "BUY-01": answered(area=area)})
        made = Facts(*revisions, placed, {}, totals[row.row])
        made.hidden = frozenset({"BUY-01"})
        return made

    assert read_apart(revisions, [partial(facts, area) for area in ("XA", "XB", "XC")]) >= {"B3"}


def test_criteria_may_be_looked_at_where_there_are_no_rows(revisions: Revisions) -> None:
    form = json.loads(revisions.criteria.model_dump_json(by_alias=True))
    form["red_lines"]["RL-08"]["signs"].append({"per": "incident", "when": {"criterion": "B3", "at_least": 3}})
    looking = revisions._replace(criteria=Criteria.model_validate(form))
    document = read_whole("f2", revisions.questionnaire)
    assert "incident" not in document
    assert result_of(looking.assess(document, {})) == result_of(revisions.assess(document, {}))


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
    earned = [*plan.earned_per_company.values(), *plan.earned_per_row.values()]
    return [*earned, *plan.caps.values(), *plan.contradictions.values(), *signs]


def read_all(plan: Plan, reads: Reads) -> Mapping[str, Sequence[Any]]:
    """Return what every step finds in every row, criteria first."""
    found: dict[str, Sequence[Any]] = {}
    for code, step in plan.risks.items():
        found[code] = reads.read(step)
        reads.settle(code, found[code])
    return found | {step.name: reads.read(step) for step in steps_of(plan)}


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
