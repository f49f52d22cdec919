"""A file of countersignatures always stays one that can be read, whoever fills it."""

import json

import pytest

from api.countersigning import keeping
from attestations.report import Outcome
from tests.countersigning.conftest import ADA, BEA, Countersigning


def test_acts_end_before_the_file_has_more_entries_than_a_reader_takes(
    world: Countersigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_ENTRIES", 4)
    made = [world.declare().json()["id"], world.assure().json()["id"]]
    refused = world.declare(officer={"name": "Bo Lund", "role": "Counsel"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "The file of this attestation's countersignatures is full.",
    )  # fmt: skip
    for who, person, id_ in ((world.vendor, ADA, made[0]), (world.auditor, BEA, made[1])):
        assert who.post(f"/v1/countersignatures/{id_}:withdraw", {}, headers=person).status_code == 200
    file = world.read(world.investor)
    assert len(json.loads(file)["entries"]) == 4
    assert world.verify(file).outcome is Outcome.PASSED
