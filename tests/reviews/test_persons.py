"""The persons of decisions and replies: erased by their own side, while what was decided and said stays."""

from urllib.parse import quote

from tests.reviews.conftest import Reviewing


def test_each_side_erases_its_own_persons_and_nothing_else(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    before = reviewing.investor.get(f"/v1/reviews/{review}").json()["steps"][0]
    asked = {"what": "person", "reason": "Asked for it"}
    report = reviewing.investor.post("/v1/erasures", {**asked, "person": "Ida Marr"}).json()["report"]
    assert [line["went"] for line in report if line["place"] == "review_decision.person"] == [1]
    assert [line["went"] for line in report if line["place"] == "review_reply.person"] == [0]
    reviewing.investor.post("/v1/erasures", {**asked, "person": "Ada Verrin"})  # the vendor's person is not its own
    after = reviewing.investor.get(f"/v1/reviews/{review}").json()["steps"][0]
    assert (before["person"], after["person"]) == ("Ida Marr", None)
    assert after["reply"]["person"] == "Ada Verrin"
    assert after["reason"] == before["reason"]
    reviewing.vendor.post("/v1/erasures", {**asked, "person": "Ada Verrin"})
    assert reviewing.investor.get(f"/v1/reviews/{review}").json()["steps"][0]["reply"]["person"] is None


def test_each_side_has_its_own_act_on_its_own_chain(reviewing: Reviewing) -> None:
    review = reviewing.opened()
    reviewing.reply(review)
    reviewing.decide(review, "dismissed")

    def acts(party: str) -> list[str]:
        items = getattr(reviewing, party).get("/v1/audit-entries?limit=100").json()["items"]
        return [item["entry"]["action"] for item in items if item["entry"]["action"].startswith("review.")]

    assert acts("investor") == ["review.open", "review.decide"]
    assert acts("vendor") == ["review.reply"]
    assert quote("Ida Marr") not in reviewing.vendor.get("/v1/audit-log").text


def test_an_export_holds_both_sides(reviewing: Reviewing) -> None:
    from io import BytesIO
    from zipfile import ZipFile

    review = reviewing.opened()
    reviewing.reply(review)
    made = reviewing.vendor.post("/v1/exports").json()["id"]
    reviewing.service.render()
    archive = ZipFile(BytesIO(reviewing.vendor.get(f"/v1/exports/{made}/content").content))
    names = archive.namelist()
    assert any(name.endswith("received/review_decision.jsonl") for name in names)
    assert any(name.endswith("review_reply.jsonl") and "received" not in name for name in names)
