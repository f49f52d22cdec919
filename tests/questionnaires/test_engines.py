"""Engines side by side: the criteria choose, and what engine 1 gave it gives for ever."""

import pytest

from questionnaires import library
from questionnaires.canonical import digest
from questionnaires.revisions import ENGINES, revision_json
from questionnaires.scoring import UnknownEngineError, result_of
from tests.questionnaires.conftest import CASES, Revisions, evidence_of, read_case

GIVEN = {
    "f1": "sha256:a52e649a51621fdf03d60342fa67de27eaf174484dbc7c3d949983317aa3a60c",
    "f2": "sha256:f5b67f7e6c9348f3d34b45fa734cdbf4ab7826b0f7ccf97437004204bf1ab3c1",
    "f3": "sha256:ccbbbfb5732c158c39679caae13636693e4da7031f1ba8998ae146dc4e8487ca",
    "f4": "sha256:d5e01b913177d0e854927d5ecef2ed822e417ed3214016c63e42ed8b54deb6b7",
    "f4b": "sha256:b24c1e30bdc6e638ed96acef0300061467f25f958221fa03cf83b98df3148415",
    "f5": "sha256:30b2f90869a30187b020eb7d5b3b1b351be5fd8e347aef1e0d5d53c27501e3d8",
    "f6": "sha256:08cef07caac84fa5ed5178c4f522234626c588182092e9c66859ec6c33b24bc1",
    "f7": "sha256:e064f3e6edd6a13df3ab39ed02db5708868e487583cf2460db20841340074dac",
    "f8": "sha256:620e0dff4f4fc3295805dafa064828973223c2471555ac9f15aa21f7203388c3",
}
"""Digests of engine 1's results, of the release that brought it."""


@pytest.mark.parametrize("name", CASES)
def test_engine_1_gives_the_same_bytes_as_ever(name: str, revisions: Revisions) -> None:
    case = read_case(name)
    evidence = evidence_of(case["document"], case["evidence"], case["evidence_dated"])
    assert digest(result_of(revisions.assess(case["document"], evidence))) == GIVEN[name]


def test_the_criteria_choose_the_engine(revisions: Revisions) -> None:
    second = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    assert second is not None
    assert (revisions.criteria.engine, second.engine) == ENGINES
    document = read_case("f6")["document"]
    results = [result_of(revisions._replace(criteria=c).assess(document, {})) for c in (revisions.criteria, second)]
    assert ["caps" in result for result in results] == [False, True]
    assert results[0].keys() < results[1].keys()
    unknown = revisions.criteria.model_copy(update={"engine": 3})
    with pytest.raises(UnknownEngineError):
        revisions._replace(criteria=unknown).assess(document, {})


def test_parts_that_a_revision_does_not_have_leave_its_json(revisions: Revisions) -> None:
    later = {"caps", "contradictions", "coverage", "audit", "completeness", "red_lines", "practices"}
    second = library.find(library.criteria(), "surveillance-hrdd-criteria@2")
    assert second is not None
    assert later.isdisjoint(revision_json(revisions.criteria))
    assert later <= revision_json(second).keys()
