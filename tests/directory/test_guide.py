"""The calls on claims and records that the guide shows are the ones that work."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from tests.directory.parties import ask, complete, name_vendor, taken_over
from tests.directory.servers import Mailboxes, NameServer
from tests.service import Party, Service

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("integrators.md", "investors.md"))


class Example(NamedTuple):
    """A request as the guide shows it."""

    method: str
    path: str
    body: str

    def filled(self, **values: str) -> tuple[str, str, object]:
        """Return method, path and body with the placeholders replaced."""
        path, body = self.path, self.body
        for name, value in values.items():
            path, body = path.replace(f"{{{name}}}", value), body.replace(f"{{{name}}}", value)
        return self.method, path, json.loads(body) if body else None


BLOCKS = re.findall(r"```http\n(GET|POST) (/v1/(?:organisations|vendor-records)\S*)\n(.*?)```", GUIDE, re.DOTALL)
CLAIM, COMPLETE, JOIN, MAIL, SEARCH, NAME = (Example(method, path, body.strip()) for method, path, body in BLOCKS)


def call(service: Service, party: Party | None, example: Example, **values: str) -> dict[str, object]:
    """Send what the guide shows, and return the answer."""
    method, path, body = example.filled(**values)
    if party is not None:
        answer = party.send(method, path, json=body) if body else party.send(method, path)
    else:
        answer = service.client.request(method, path, json=body)
    assert answer.is_success, answer.text
    told: dict[str, object] = answer.json()
    return told


def test_an_investor_searches_and_names(equipped: Service, issuer: Party) -> None:
    assert call(equipped, issuer, SEARCH)["items"] == []
    named = call(equipped, issuer, NAME)
    assert call(equipped, issuer, SEARCH)["items"] == [named]
    assert call(equipped, issuer, NAME) == named


def test_a_vendor_claims_by_dns(equipped: Service, issuer: Party, names: NameServer) -> None:
    id_ = str(call(equipped, issuer, NAME)["id"])
    claim = call(equipped, None, CLAIM, organisation=id_)
    names.texts["_enduse-claim.quillmere.example"] = [str(claim["record_value"])]
    made = call(equipped, None, COMPLETE, organisation=id_, claim=str(claim["id"]), token=str(claim["token"]))
    assert isinstance(made["client"], dict)
    assert made["client"]["name"] == "administration"


def test_a_vendor_joins_and_another_claims_by_mail(
    equipped: Service, issuer: Party, names: NameServer, mailboxes: Mailboxes
) -> None:
    id_ = str(call(equipped, issuer, NAME)["id"])
    ask(issuer, id_)
    vendor = equipped.organisation("Quillmere Group", "vendor")
    claim = call(equipped, None, CLAIM, organisation=id_)
    names.texts["_enduse-claim.quillmere.example"] = [str(claim["record_value"])]
    joined = call(equipped, vendor, JOIN, organisation=id_, claim=str(claim["id"]), token=str(claim["token"]))
    assert joined["moved"] == 1
    second = name_vendor(issuer, "Tarnbrook", domain="tarnbrook.example")["id"]
    mailed = call(equipped, None, MAIL, organisation=second)
    equipped.render()
    token = mailboxes.mails[0].get_content().partition("token:")[2].split()[0]
    taken_over(equipped, complete(equipped, second, str(mailed["id"]), token))
