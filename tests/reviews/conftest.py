"""An investor, a vendor and a submission under engine 2, one answer of which points to a red line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import psycopg
import pytest

from questionnaires import library
from tests.prepared import Worlds
from tests.questionnaires.engine_2.whole import read_whole
from tests.service import DECLARATION, Party, Service, attach, issue, keys_of

REVISIONS = {
    "questionnaire": "surveillance-hrdd@2", "criteria": "surveillance-hrdd-criteria@2", "context": "exercise",
}  # fmt: skip
IDA = {"Enduse-Acting-Person": quote("Ida Marr")}
"""The reviewer."""
ADA = {"Enduse-Acting-Person": quote("Ada Verrin")}
"""Who replies for the vendor."""
RAISED = "RL-12/deployment/d1"
"""What the answers of exercise F3 point to."""
ASKED = {
    "red_line": "RL-12",
    "group": "deployment",
    "row": "d1",
    "allegation": "Two reports name the place as occupied.",
}


class Reviewing(NamedTuple):
    """A sealed submission and its two parties."""

    service: Service
    investor: Party
    vendor: Party
    submission: str

    def open(self, **more: Any) -> httpx.Response:
        """Open the review that the answers point to."""
        return self.investor.post(f"/v1/submissions/{self.submission}/reviews", {**ASKED, **more}, headers=IDA)

    def opened(self) -> str:
        """Open it and return its id."""
        answer = self.open()
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        return id_

    def reply(self, review: str, **more: Any) -> httpx.Response:
        """Reply for the vendor."""
        said = {"reply": "The place is not occupied; see the map.", **more}
        return self.vendor.post(f"/v1/reviews/{review}:reply", said, headers=ADA)

    def decide(self, review: str, verdict: str, **more: Any) -> httpx.Response:
        """Decide as the reviewer."""
        said = {"verdict": verdict, "reason": "Read both.", **more}
        return self.investor.post(f"/v1/reviews/{review}:decide", said, headers=IDA)

    def settle(self, **said: Any) -> httpx.Response:
        """Settle something as the reviewer."""
        path = f"/v1/submissions/{self.submission}/settlements"
        return self.investor.post(path, {"verdict": "accepted", "reason": "Read it.", **said}, headers=IDA)

    def scorecard(self, party: Party | None = None, query: str = "") -> Mapping[str, Any]:
        """Return the scorecard as a party sees it, the investor unless said."""
        answer = (party or self.investor).get(f"/v1/submissions/{self.submission}/scorecard{query}")
        assert answer.status_code == 200, answer.text
        card: Mapping[str, Any] = answer.json()
        return card

    def red_line(self, name: str = RAISED) -> Mapping[str, Any]:
        """Return one red line of the scorecard."""
        (line,) = [line for line in self.scorecard()["red_lines"] if line["candidate"] == name]
        found: Mapping[str, Any] = line
        return found

    def pass_time(self) -> None:
        """Let the time to reply be over since yesterday, as no role of the service could."""
        with psycopg.connect(self.service.superuser_url) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(
                "update review_decision set reply_due = (now() at time zone 'UTC')::date - 1 where verdict = 'open'"
            )


def submit_whole(investor: Party, vendor: Party, case: str, change: Mapping[str, Any] | None = None) -> str:
    """Answer revision 2 as an exercise does, with some answers of the company changed; return the submission."""
    questionnaire = library.find(library.questionnaires(), "surveillance-hrdd@2")
    assert questionnaire is not None
    document, request = read_whole(case, questionnaire), issue(investor, vendor, **REVISIONS)
    document["company"] |= change or {}
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    saved = vendor.patch(path, document)
    assert saved.status_code == 200, saved.text
    keys = [key for key in keys_of(document) if "row" not in key]
    assert attach(vendor, request["id"], keys).status_code == 201
    sealed = vendor.post(f"{path}:submit", DECLARATION)
    assert sealed.status_code == 200, json.dumps(sealed.json())
    submission: str = sealed.json()["submission"]
    return submission


def make_reviewing(service: Service) -> Reviewing:
    """Return a sealed submission that nobody has reviewed."""
    investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
    return Reviewing(service, investor, vendor, submit_whole(investor, vendor, "f3"))


@pytest.fixture
def reviewing(worlds: Worlds, tmp_path: Path) -> Iterator[Reviewing]:
    with worlds.copied(make_reviewing, tmp_path / "data") as found:
        yield found
