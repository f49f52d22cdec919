"""An attestation with its two parties, somebody who has no part in it, and the world."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.contract.contract import check
from tests.prepared import Worlds
from tests.service import DECLARATION, Party, Service, attach, grade_all, issue, keys_of, read_case

NAME, OWNER, USER = "Quellmark gate", "Quorvane Holdings", "Ostrava-Nord depot"
"""What stands in the name of a deployment, in an answer of the company, and in one of the deployment."""


class Published(NamedTuple):
    """The parties of an attestation, and the public."""

    service: Service
    investor: Party
    vendor: Party
    attestation: str

    def propose(self, who: Party | None = None, **asked: Any) -> httpx.Response:
        """Propose, as the vendor unless said, at the level `band` unless said."""
        body = {"level": "band", **asked}
        return (who or self.vendor).post(f"/v1/attestations/{self.attestation}/publications", body)

    def proposed(self, **asked: Any) -> str:
        """Propose as the vendor and return the id."""
        answer = self.propose(**asked)
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        return id_

    def publish(self, **asked: Any) -> str:
        """Have both agree, do the jobs, and return the id."""
        id_ = self.proposed(**asked)
        agreed = self.investor.post(f"/v1/publications/{id_}:agree")
        assert agreed.status_code == 200, agreed.text
        self.service.render()
        return id_

    def look(self, path: str = "", **options: Any) -> httpx.Response:
        """Read from the registry as anybody."""
        return look(self.service, path, **options)

    def listed(self, query: str = "") -> list[str]:
        """Return the ids that the registry lists."""
        answer = self.look(query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]


def look(service: Service, path: str = "", **options: Any) -> httpx.Response:
    """Read from the registry without a token; the answer is held against the contract."""
    answer = service.client.get(f"/v1/registry{path}", **options)
    check(answer)
    return answer


def attest(service: Service, investor: Party, vendor: Party, case: str = "f5") -> Published:
    """Return an attestation of an exercise into which the marks were written, with its document."""
    read, request = read_case(case), issue(investor, vendor)
    document = read["document"]
    if case == "f5":
        document["company"]["SCP-01"]["value"]["entities"] = OWNER
        deployment = document["deployment"]["d1"]
        deployment["name"] = NAME
        deployment["answers"]["BUY-01"]["value"]["end_user"] = USER
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    assert vendor.patch(path, document).status_code == 200
    attached = attach(vendor, request["id"], keys_of(document))
    assert attached.status_code == 201, attached.text
    submission = vendor.post(f"{path}:submit", DECLARATION).json()["submission"]
    grade_all(investor, submission, "V2")
    made = investor.post("/v1/attestations", {"submission": submission})
    assert made.status_code == 201, made.text
    service.render()
    return Published(service, investor, vendor, made.json()["id"])


def make_attested(service: Service) -> Published:
    """Return an attestation that nobody has published."""
    return attest(service, service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor"))


@pytest.fixture
def published(worlds: Worlds, tmp_path: Path) -> Iterator[Published]:
    """Give an attestation that nobody has published."""
    with worlds.copied(make_attested, tmp_path / "data") as found:
        yield found
