"""An attestation with its two parties, an auditor to whom it is granted, and an organisation root of the service."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.trust_file import ORGANISATION_ROOTS
from attestations.report import Report
from attestations.trust import parse
from attestations.verification import verify
from tests.attestations.countersignatures.making import Organisation
from tests.databases import TestDatabase
from tests.isolation.addresses import ASSURANCE
from tests.service import Party, Service, grade_all, serving, submit_case

ADA = {"Enduse-Acting-Person": quote("Ada Verrin")}
BEA = {"Enduse-Acting-Person": quote("Bea Thorn")}
DECLARED = {"officer": {"name": "Ada Verrin", "role": "Head of compliance"}}
ASSURED: dict[str, Any] = ASSURANCE


class Countersigning(NamedTuple):
    """Who may say what about the attestation `id`."""

    service: Service
    investor: Party
    vendor: Party
    auditor: Party
    submission: str
    id: str
    grant: str
    holder: Organisation

    @property
    def path(self) -> str:
        return f"/v1/attestations/{self.id}"

    def declare(self, who: Party | None = None, **more: Any) -> Any:
        return (who or self.vendor).post(f"{self.path}/countersignatures", {**DECLARED, **more}, headers=ADA)

    def assure(self, who: Party | None = None, **more: Any) -> Any:
        return (who or self.auditor).post(f"{self.path}/assurances", {**ASSURED, **more}, headers=BEA)

    def read(self, who: Party) -> bytes:
        answer = who.get(f"{self.path}/countersignatures")
        assert answer.status_code == 200, answer.text
        data: bytes = answer.content
        return data

    def verify(self, file: bytes) -> Report:
        """Verify the attestation with a file as any reader would."""
        trust = parse(self.service.client.get("/v1/trust.json").content)
        bundle = self.investor.get(f"{self.path}/bundle").content
        return verify(bundle, trust, datetime.now(UTC), countersignatures=file)


@pytest.fixture
def world(database: TestDatabase, tmp_path: Path) -> Iterator[Countersigning]:
    holder = Organisation(start=datetime.now(UTC) - timedelta(days=9))
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True)
    (keys / ORGANISATION_ROOTS).write_bytes(holder.root.public_bytes(Encoding.PEM))
    with serving(database.app_url, tmp_path / "data") as service:
        service.superuser_url = database.superuser_url
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Lindisvale", "vendor")
        auditor = service.organisation("Sorrel", "auditor")
        submission = submit_case(investor, vendor, "f5")["submission"]
        grade_all(investor, submission, "V2")
        id_ = investor.post("/v1/attestations", {"submission": submission}).json()["id"]
        granted = vendor.post(f"/v1/attestations/{id_}/grants", {"grantee": auditor.id, "purpose": "Assurance"}).json()
        yield Countersigning(service, investor, vendor, auditor, submission, id_, granted["id"], holder)
