"""Documents of engine 2: what a reader is told is what was signed, and rows that nobody declared have names."""

import random
import re
from datetime import date
from html import escape
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, example, given, settings

from api.attesting.document.content import Content, read
from api.attesting.document.copies import read_copy
from api.attesting.document.wording import name_row, word_involvement, word_range
from attestations import copies
from attestations.signing import Signer
from questionnaires.documents import AnswerKey, Document
from questionnaires.engine_2.remainders import read_row
from questionnaires.redlines import NO_REVIEW, Decision, Review
from questionnaires.scales import BANDS
from questionnaires.visibility import without_hidden
from tests.attestations.exercise import Exercise
from tests.attesting_document.test_copies import words
from tests.attesting_document.test_document import first_page_of, page_of, words_of
from tests.questionnaires.engine_2.conftest import Reviewed, draw, load_questionnaire, reviewed
from tests.questionnaires.vendors import camera_maker, export_maker, interceptor

NOTHING: Document = {"company": {}, "product": {}, "deployment": {}}
FEW = settings(
    max_examples=4, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


class Make(Protocol):
    """Makes a bundle of an answer document under the second revisions, all of its evidence of one grade."""

    def __call__(self, document: Any, grade: str = "V2", review: Review = NO_REVIEW) -> bytes: ...


@pytest.fixture(scope="session")
def make(signer: Signer) -> Make:
    def build(document: Any, grade: str = "V2", review: Review = NO_REVIEW) -> bytes:
        return Exercise("exercise", document, revision=2, grade=grade, review=review).signed_2(signer)

    return build


def asked_of(one: Reviewed) -> Document:
    return without_hidden(load_questionnaire(), one.submission.document)


def drawn(seed: int, products: int = 2, deployments: int = 3, edits: int = 3) -> Reviewed:
    return draw(random.Random(seed), products, deployments, edits)


def order_of(figures: Any) -> tuple[int, float]:
    return BANDS.index(figures["band"]), float(figures["residual"])


@FEW
@given(one=reviewed())
@example(one=drawn(6))  # the worst by its printed band has not the highest figure
@example(one=drawn(37))
def test_rows_stand_in_the_order_of_the_signed_result(one: Reviewed, make: Make) -> None:
    bundle = make(asked_of(one), "V4", one.review)
    content = read(bundle)
    assert content.deployments[0].row == content.company["worst"]
    orders = [order_of(row.figures) for row in content.deployments]
    assert orders == sorted(orders, reverse=True)
    marks = [row.mark for row in content.deployments]
    assert len(marks) == len(set(marks))
    copied = read_copy(copies.copy(bundle, copies.show_sections({"GOV-01"})))
    shown = [row.figures["row"] for row in copied.deployments]
    assert shown == [row.row for row in content.deployments if not row.row.startswith("~remainder")]


@FEW
@given(one=reviewed())
@example(one=drawn(37))  # the low bound of another row lies above the headline
@example(one=drawn(101))  # the figures are the same, the bands are not
def test_bounds_are_called_what_they_are(one: Reviewed, make: Make) -> None:
    bundle = make(asked_of(one), "V4", one.review)
    company, whole = read(bundle).company, page_of(bundle)
    same = all(company[name] == company[f"{name}_low"] for name in ("residual", "band", "computed_band"))
    for page in (whole, words_of_copy(bundle)):
        assert ("Nothing is open that could lower it" in page) is same
        told = f"the highest residual risk of a deployment would be {company['residual_low']}"
        assert (told in page) is not same
        assert not re.search(r"severe to (low|moderate|elevated|high)|high to (low|moderate|elevated)", page)
    assert not re.search(r"~(undeclared|remainder)", whole)


def words_of_copy(bundle: bytes) -> str:
    return words(bundle, copies.show_band)


def test_a_range_begins_with_the_better_band() -> None:
    assert word_range({"band": "low", "band_low": "high"}) == "low to high"
    assert word_range({"band": "high", "band_low": "low"}) == "low to high"


def test_a_vendor_that_declares_nothing_is_told_so(make: Make) -> None:
    whole = page_of(make(NOTHING))
    assert "Worst deployment A No deployment was declared Open" in whole
    assert "All deployments 0 declared; 1 row for units that lack one, or may" in whole
    assert "B Units that may lack a deployment product open · place open" in whole
    assert "A No deployment was declared not excluded by the answers; holds the band at severe" in whole
    assert "0 told where risk is, or may be, high or severe; not told for 2 such rows" in whole


def test_units_without_a_deployment_stand_under_a_letter_of_their_own(make: Make) -> None:
    content = read(make(export_maker()))
    assert [one.mark for one in content.deployments] == ["A", "B", "C"]
    assert [one.name for one in content.deployments] == ["Units that may lack a deployment", "d1", "d2"]
    assert content.tally == "1 severe, 1 high"
    assert page_of(make(export_maker())).count("nothing else was said of it, so it is read at its worst") == 1
    assert name_row("~remainder:p1:XA-N") == "Units without a deployment"


@pytest.mark.parametrize(("row", "product", "area"), [("p1:XA-N", "p1", "XA-N"), ("*:*", None, None)])
def test_the_row_of_a_remainder_tells_its_product_and_its_place(row: str, product: Any, area: Any) -> None:
    missing = read_row(f"~remainder:{row}")
    assert missing is not None
    assert (missing.product, missing.area, missing.row) == (product, area, f"~remainder:{row}")
    assert [read_row(other) for other in ("~undeclared", "d1")] == [None, None]


def test_reasons_of_a_remainder_know_what_company_and_product_said(make: Make) -> None:
    content = read(make(interceptor()))
    rest = content.deployments[0]
    assert rest.row == "~remainder:*:*"
    policy = next(decider for reason in rest.reasons.mitigation for decider in reason.decided_by
                  if decider.code.startswith("GOV-01."))  # fmt: skip
    assert policy.given == "Yes"


def test_caps_and_contradictions_that_decided_are_named(make: Make) -> None:
    whole = page_of(make(interceptor()))
    name = "An intelligence service or an armed force without ties to state security"
    assert f"X-02 {name}" in whole
    assert f"Answers contradict each other: {name}" in whole
    reasons = [row.reasons for row in read(make(interceptor())).deployments]
    deciders = [
        decider
        for row in reasons
        for reason in (*row.buyer, row.context, *row.end_use, *row.mitigation)
        for decider in reason.decided_by
    ]
    held = {f"{decider.code} {decider.name}" for decider in deciders if decider.kind == "cap"}
    assert held
    assert all(words_of(escape(one)) in whole for one in held)
    assert whole.count("list of places") == sum(decider.kind == "place" for decider in deciders)


def test_caps_stand_with_their_rows_and_what_they_were_read_from(make: Make) -> None:
    bundle = make(camera_maker())
    content, whole = read(bundle), page_of(bundle)
    assert "Caps that apply C-01, C-02, C-04, C-05, C-07, C-08, C-11, Completeness Red lines" in whole
    assert "word 0, documents 38, a third party 0; contradicted 0" in whole
    audit = next(hold for hold in content.holds if hold.code == "C-08")
    assert (audit.marks, audit.certain, audit.name) == (("B",), True, "Good bands need an audit")
    assert "C-08 Good bands need an audit B No band better than moderate without an audit of these answers." in whole
    assert "C-04 Screening looks at lists only company may apply: M3 at most 1. BUY-13" in whole
    assert all("." not in place for hold in content.holds for place in hold.because)
    keys = [(hold.code, hold.effect, hold.because, hold.certain) for hold in content.holds]
    assert len(keys) == len(set(keys))


def test_aged_evidence_is_named_by_the_letters_of_the_page(signer: Signer) -> None:
    exercise = Exercise("aged", export_maker(), revision=2)
    for leaf in exercise.leaves:
        for item in leaf.get("evidence", ()):
            item["dated"] = "2025-06-30"
    exercise.score()
    aged = next(hold for hold in read(exercise.signed_2(signer)).holds if hold.code == "C-10")
    assert "B: " in " ".join(aged.because)
    assert "P1: " in " ".join(aged.because)
    assert not re.search(r"\b[dp]\d/", " ".join(aged.because))


def test_the_band_of_the_figures_alone_stands_beside_the_one_that_is_held(make: Make) -> None:
    bundle = make(camera_maker())
    assert "By the figures alone the range would be low to severe; caps or red lines hold it" in first_page_of(bundle)
    assert "▲ high moderate to high figures alone: " in page_of(bundle)
    assert "low bound 10.4851 (low)" in page_of(bundle)


def test_a_result_without_an_audit_is_marked_wherever_it_stands(make: Make) -> None:
    bundle = make(asked_of(drawn(77, 1, 1, 0)), "V3")
    content = read(bundle)
    assert (content.company["self_assessed"], content.holds) == (True, ())
    first, whole = first_page_of(bundle), page_of(bundle)
    assert "self-assessed" in first
    assert "self-assessed" in whole.partition(" Deployments Worst first")[2]
    assert "self-assessed" in words_of_copy(bundle)
    assert "insufficient disclosure" in first_page_of(make(camera_maker()))


def test_what_a_reviewer_accepted_is_not_called_open(make: Make) -> None:
    document: Any = interceptor()
    document["company"]["GOV-02"] = {"state": "not_applicable", "reason": "None"}
    key = AnswerKey("GOV-02", "")
    review = Review({}, frozenset({key}), frozenset({"X-02/d1"}))
    before, after = page_of(make(document)), page_of(make(document, review=review))
    assert "Open: said not to apply" in before
    assert "Open: said not to apply" not in after
    assert "does not apply, as a reviewer accepted" in after
    assert "An intelligence service or an armed force without ties to state security (B)" in after
    assert "Contradictions that a reviewer settled" not in before
    assert "Open: said not to apply" not in words(make(document, review=review), copies.show_but(set()))


def test_a_decision_about_a_row_that_is_gone_is_not_the_companys(make: Make) -> None:
    found = Decision("confirmed", "reviewer", date(2026, 9, 1), replied=True)
    content: Content = read(
        make(interceptor(), review=Review({"RL-08/deployment/gone7": found}, frozenset(), frozenset()))
    )
    line = next(line for line in content.allegations if line.status == "confirmed")
    assert (line.code, line.mark, line.about) == ("RL-08", "", "a deployment that is no longer declared")


def test_a_confirmation_waits_for_the_vendors_reply(make: Make) -> None:
    early = Decision("confirmed", "reviewer", date(2026, 9, 1), replied=False)
    review = Review({"RL-02/deployment/d1": early}, frozenset(), frozenset())
    line = next(line for line in read(make(interceptor(), review=review)).allegations if line.decided)
    assert (line.code, line.status) == ("RL-02", "under review")
    assert line.decided.endswith("counts once the vendor has replied or its time to reply is over")


def test_an_incident_is_named_with_its_deployment(make: Make) -> None:
    abouts = {line.about for line in read(make(interceptor())).allegations}
    assert {"i1 (at B)", "i2 (at no deployment)"} <= abouts


def test_involvement_that_is_open_is_not_stated() -> None:
    def figures(low: int) -> dict[str, Any]:
        return {"involvement": "cause", "criteria": {"E8": {"value": 3, "low": low}}}

    assert word_involvement(figures(3)) == "vendor causes"
    assert word_involvement(figures(1)) == "involvement open, read as: causes"


def test_it_says_until_when_it_counts_and_what_is_avoidable(make: Make) -> None:
    first = first_page_of(make(export_maker()))
    assert "counts until 25 November 2027" in first
    assert "Avoidable 15.0000 of the residual risk, with every mitigation in full" in first


def test_a_copy_names_caps_and_red_lines_beside_the_first_page(make: Make) -> None:
    bundle = make(export_maker())
    content, told = read_copy(copies.copy(bundle, copies.show_band)), words_of_copy(bundle)
    assert ("C-04", "Screening looks at lists only") in content.caps
    assert ("completeness", "Units without a deployment") in content.caps
    assert [(line.code, line.times) for line in content.red_lines] == [("RL-06", 2), ("RL-09", 2), ("RL-10", 1)]
    first = told.partition(" Caps and red lines by name ")[0]
    assert "Caps that apply C-01, C-02, C-04" in first
    assert "Screening looks at lists only" not in first
    assert "documents 62" in first
    figures = read_copy(copies.copy(make(NOTHING), copies.show_sections(set())))
    assert [row.name for row in figures.deployments] == ["No deployment was declared"]
