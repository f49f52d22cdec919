"""What a published copy shows: what was agreed to, and not a byte of what was withheld; and anybody verifies it."""

import json
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from api import clock
from api.jobs.registry import HANDLERS, load_handler
from api.publication.levels import make_copy
from attestations import bundle as bundles
from attestations.pdf import extract_bundle
from attestations.reasons import Reason
from attestations.report import Outcome, Report, Status
from attestations.trust import parse
from attestations.verification import verify
from tests.programs import find_program
from tests.publication.conftest import NAME, OWNER, USER, Published

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
WITHHELD = [{"question": "SCP-01"}, {"question": "BUY-01", "row": "d1"}]


def unfolded(pdf: bytes, folder: Path) -> bytes:
    """Return all that a PDF holds: its bytes, its streams unfolded, and its text as it is read."""
    streams = []
    for (data,) in ((match[1],) for match in STREAM.finditer(pdf)):
        try:
            streams.append(zlib.decompressobj().decompress(data))
        except zlib.error:
            streams.append(data)
    file = folder / "copy.pdf"
    file.write_bytes(pdf)
    text = subprocess.run([find_program("pdftotext"), file, "-"], capture_output=True, check=True).stdout
    return b"\n".join([pdf, *streams, text])


def found(mark: str, data: bytes) -> bool:
    """Tell whether a text is in bytes, in any of the forms that a PDF gives it."""
    plain, wide = mark.encode(), mark.encode("utf-16-be")
    flat = re.sub(rb"\s+", b" ", data)
    return any(form in flat or form in data for form in (plain, wide, wide.hex().encode(), wide.hex().upper().encode()))


def marks(published: Published, id_: str, folder: Path) -> set[str]:
    """Return which marks stand anywhere in what is published."""
    pdf = published.look(f"/{id_}/pdf").content
    assert extract_bundle(pdf) == published.look(f"/{id_}/bundle").content
    data = unfolded(pdf, folder) + published.look(f"/{id_}").content + published.look("/feed").content
    assert found("Lindisvale", data)
    assert b"/a/" in data  # the address of the public record, and its QR code
    return {mark for mark in (NAME, OWNER, USER) if found(mark, data)}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"level": "band"}, set()),
        ({"level": "sections", "sections": ["F"]}, {USER}),
        ({"level": "sections", "sections": ["C"], "names": True}, {NAME}),
        ({"level": "unwithheld", "withheld": WITHHELD}, set()),
        ({"level": "unwithheld", "withheld": WITHHELD[:1], "names": True}, {NAME, USER}),
        ({"level": "all"}, {NAME, OWNER, USER}),
    ],
)
def test_what_is_withheld_stands_nowhere(published: Published, tmp_path: Path, asked: Any, shown: set[str]) -> None:
    id_ = published.publish(**asked)
    assert marks(published, id_, tmp_path) == shown
    before = published.vendor.get(f"/v1/publications/{id_}/bundle").content
    assert before == published.investor.get(f"/v1/publications/{id_}/bundle").content
    assert before == published.look(f"/{id_}/bundle").content


def check(published: Published, id_: str) -> Report:
    trust = parse(published.service.client.get("/v1/trust.json").content)
    pdf, record = published.look(f"/{id_}/pdf").content, published.look(f"/{id_}/record").content
    return verify(pdf, trust, clock.now(), record=record)


def test_a_copy_verifies_and_its_document_is_in_the_log(published: Published) -> None:
    report = check(published, published.publish(level="sections", sections=["C"]))
    assert report.outcome is Outcome.INDETERMINATE, report.to_json()
    assert [step.reason for step in report.steps if step.status is Status.INDETERMINATE] == [Reason.PARTLY_DISCLOSED]
    assert report.steps[5].status is Status.PASSED
    assert report.steps[6].status is Status.PASSED


def test_the_whole_passes_every_step(published: Published) -> None:
    report = check(published, published.publish(level="all"))
    assert report.outcome is Outcome.PASSED, report.to_json()


def test_a_document_that_was_never_published_is_not_in_the_log(published: Published) -> None:
    first = published.publish()
    pdf = published.look(f"/{first}/pdf").content
    trust = parse(published.service.client.get("/v1/trust.json").content)
    record = json.loads(published.look(f"/{first}/record").content)
    record["events"] = [event for event in record["events"] if '"kind":"issue"' in event["entry"]]
    report = verify(pdf, trust, clock.now(), record=json.dumps(record).encode())
    assert report.steps[5].reason is Reason.LOG_DOCUMENT


def test_a_key_that_is_out_of_use_seals_no_copy(published: Published, tmp_path: Path) -> None:
    id_ = published.proposed()
    published.investor.post(f"/v1/publications/{id_}:agree")
    renewed = published.service.settings.model_copy(update={"data_folder": tmp_path / "renewed"})
    arguments: dict[str, Any] = {"tenant": published.vendor.id, "publication": id_}
    load_handler(HANDLERS["publication.publish"])(published.service.sessions, renewed, **arguments)
    published.service.render()
    assert published.look(f"/{id_}").json()["links"]["pdf"] is None
    assert [published.look(f"/{id_}/{part}").status_code for part in ("pdf", "bundle", "record")] == [404, 200, 200]
    assert "related" not in published.look("/feed").text


def test_answers_that_are_withheld_from_publication_are_shown_with_all_alone(published: Published) -> None:
    whole = bundles.parse(published.vendor.get(f"/v1/attestations/{published.attestation}/bundle").content)
    questionnaire = whole.questionnaire
    kept = {q["id"] for section in questionnaire["sections"] for q in section["questions"] if q.get("confidential")}
    data = confidential(whole)
    answers = {leaf["question"] for leaf in bundles.parse(data).leaves if leaf["kind"] == "answer"}
    assert {"SCP-01", "GOV-01"} <= answers
    sections = [section["code"] for section in questionnaire["sections"]]
    for level, terms in (
        ("sections", {"sections": sections, "withheld": [], "names": False}),
        ("unwithheld", {"sections": [], "withheld": [["GOV-02", ""]], "names": False}),
    ):
        leaves = bundles.parse(make_copy(data, level, terms)).leaves
        shown = {leaf["question"] for leaf in leaves if leaf["kind"] == "answer"}
        assert "GOV-01" in shown
        assert "SCP-01" not in shown
    assert bundles.parse(make_copy(data, "all", {})).leaves == bundles.parse(data).leaves
    assert "SCP-01" not in kept


def confidential(whole: bundles.Bundle) -> bytes:
    """Return the bundle with a question that its questionnaire withholds from publication."""
    questionnaire = json.loads(json.dumps(whole.questionnaire))
    for section in questionnaire["sections"]:
        for question in section["questions"]:
            if question["id"] == "SCP-01":
                question["confidential"] = True
    disclosures = [{"salt": one.salt, "leaf": dict(one.leaf)} for one in whole.disclosures]
    return bundles.build_2(
        envelope=whole.envelope, disclosures=disclosures, withheld=[], questionnaire=questionnaire,
        criteria=whole.criteria,
    )  # fmt: skip
