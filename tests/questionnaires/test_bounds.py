"""Low and high bound in single cases: what is open is taken at its best and at its worst, and nothing else is."""

from questionnaires.scoring import UNDECLARED, result_of
from tests.questionnaires.conftest import Revisions, evidence_of, read_case


def test_a_silent_row_does_not_blur_what_another_makes_certain(revisions: Revisions) -> None:
    document = read_case("f4")["document"]
    evidence = evidence_of(document, "V2")
    before = result_of(revisions.assess(document, evidence))["company"]
    document["deployment"]["silent"] = {"name": "Silent", "product": "p1", "answers": {}}
    after = result_of(revisions.assess(document, evidence))["company"]
    assert (before["band"], before["band_low"], before["rated"]) == ("severe", "severe", True)
    assert after["worst"] == "silent"
    assert (after["band"], after["band_low"], after["rated"]) == ("severe", "severe", True)
    assert after["residual_low"] == before["residual_low"]


def test_an_open_field_behind_evidence_is_open_in_both_directions(revisions: Revisions) -> None:
    document = read_case("f6")["document"]
    told = revisions.assess(document, evidence_of(document, "V4")).worst
    del document["company"]["GOV-01"]["value"]["public"]
    row = revisions.assess(document, evidence_of(document, "V4")).worst
    assert (row.counted["M9"], row.counted_low["M9"]) == (0, told.counted["M9"])
    assert row.low.residual == told.high.residual < row.high.residual


def test_an_open_answer_without_evidence_earns_nothing_at_its_best(revisions: Revisions) -> None:
    document = read_case("f6")["document"]
    document["deployment"]["d1"]["answers"]["IMP-09"] = {"state": "not_known"}
    evidence = evidence_of(document, "V4")
    del evidence[next(key for key in evidence if key == ("IMP-09", "d1"))]
    row = next(row for row in revisions.assess(document, evidence).rows if row.row == "d1")
    assert (row.counted["M7"], row.counted_low["M7"]) == (0, 0)


def test_no_deployment_reads_as_one_of_which_nothing_is_known(revisions: Revisions) -> None:
    result = result_of(revisions.assess({"company": {}, "product": {}, "deployment": {}}, {}))
    assert [row["row"] for row in result["deployments"]] == [UNDECLARED]
    assert (result["company"]["deployments"], result["company"]["people_open"]) == (0, 1)
    assert (result["company"]["band"], result["company"]["band_low"], result["company"]["rated"]) == (
        "severe", "low", False,
    )  # fmt: skip
