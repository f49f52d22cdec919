"""Reasons: every share adds up exactly to the result, and every deciding thing is named with its evidence."""

from collections.abc import Iterator

from hypothesis import given

from questionnaires.reasons import Part, Sources, give_reasons
from tests.questionnaires.conftest import evidence_of
from tests.questionnaires.engine_2.conftest import Reviewed, Revisions, reviewed
from tests.questionnaires.engine_2.test_promises import EXAMPLES, score
from tests.questionnaires.engine_2.whole import read_whole

ADDS_UP = {"deployment", "index"}


def every(part: Part) -> Iterator[Part]:
    yield part
    for inner in part.parts:
        yield from every(inner)


@EXAMPLES
@given(reviewed())
def test_parts_add_up_exactly_to_the_result(revisions: Revisions, one: Reviewed) -> None:
    scorecard = score(one, revisions)
    sources = Sources(revisions.criteria, revisions.questionnaire, one.submission.evidence)
    residuals = {row.row: row.high.residual for row in scorecard.rows}
    for tree in give_reasons(scorecard, sources):
        assert tree.share == residuals.pop(tree.code)
        for part in every(tree):
            assert part.kind not in ADDS_UP or part.share == sum(inner.share for inner in part.parts)
    assert residuals == {}


def test_a_value_leads_to_its_answer_its_evidence_and_its_place(revisions: Revisions) -> None:
    document = read_whole("f1", revisions.questionnaire)
    evidence = evidence_of(document, "V2")
    scorecard = revisions.assess(document, evidence)
    trees = give_reasons(scorecard, Sources(revisions.criteria, revisions.questionnaire, evidence))
    worst = trees[0]
    assert (worst.code, worst.value) == ("d1", "72.0799")
    found = {part.code: part for part in every(worst)}
    kinds = {part.kind for part in every(worst)}
    assert kinds == {"deployment", "index", "criterion", "step", "answer", "evidence", "place", "cap"}
    ties = found["B6"]
    assert ties.value.startswith("3: tied to security")
    assert [(part.kind, part.code) for part in ties.parts] == [("answer", "BUY-08.control")]
    assert [(part.kind, part.name, part.value) for part in ties.parts[0].parts] == [("evidence", "V2", "2026-06-30")]
    assert "XB" in {part.code for part in found["B3"].parts}
    assert found["C-04"].name == "M3 at most 1."


def test_a_cap_that_raises_or_holds_down_is_what_decided(revisions: Revisions) -> None:
    document = read_whole("f1", revisions.questionnaire)
    document["deployment"]["d1"]["answers"]["BUY-01"]["value"] |= {"end_user_known": "yes"}
    del document["deployment"]["d1"]["answers"]["BUY-01"]["value"]["area"]
    evidence = evidence_of(document, "V4")
    scorecard = revisions.assess(document, evidence)
    (tree,) = [
        tree
        for tree in give_reasons(scorecard, Sources(revisions.criteria, revisions.questionnaire, evidence))
        if tree.code == "d1"
    ]
    found = {part.code: part for part in reversed(list(every(tree))) if part.kind == "criterion"}
    assert [(part.kind, part.code) for part in found["B7"].parts] == [("cap", "C-02")]
