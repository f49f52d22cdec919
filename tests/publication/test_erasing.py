"""Who leaves, and whose data are erased, is gone from the registry; what one agreed to is in one's export."""

import io
import json
import zipfile
from base64 import b64decode
from typing import Any

from tests.publication.conftest import Published
from tests.service import DECLARATION, Party


def erase(party: Party, **asked: Any) -> dict[str, Any]:
    answer = party.post("/v1/erasures", {"reason": "Asked for", **asked})
    assert answer.status_code == 201, answer.text
    return {outcome["place"]: outcome for outcome in answer.json()["report"]}


def test_the_person_who_declared_is_taken_from_the_registry(published: Published) -> None:
    id_, person = published.publish(), DECLARATION["name"]
    payload = published.look(f"/{id_}/bundle").json()["envelope"]["payload"]
    assert person.encode() in b64decode(payload)
    assert erase(published.vendor, what="person", person="Somebody Else")["registry_entry"]["went"] == 0
    assert erase(published.investor, what="person", person=person)["registry_entry"]["went"] == 0
    assert published.look(f"/{id_}/pdf").status_code == 200
    assert erase(published.vendor, what="person", person=person)["registry_entry"]["went"] == 1
    assert published.look(f"/{id_}").json().keys() == {"id", "withdrawn_on"}
    assert published.look(f"/{id_}/pdf").status_code == 404
    assert published.investor.get(f"/v1/publications/{id_}").json()["withdrawn_by"] == published.vendor.id


def test_an_organisation_that_leaves_publishes_nothing_any_more(published: Published) -> None:
    id_ = published.publish()
    gone = erase(published.investor, what="organisation", organisation=published.investor.id)
    assert gone["registry_entry"]["went"] == 1
    assert published.look(f"/{id_}").json().keys() == {"id", "withdrawn_on"}
    assert published.vendor.get(f"/v1/publications/{id_}").json()["state"] == "withdrawn"


def test_both_sides_of_an_agreement_are_exported(published: Published) -> None:
    id_ = published.publish()
    for party, other in ((published.vendor, published.investor), (published.investor, published.vendor)):
        export = party.post("/v1/exports").json()["id"]
        published.service.render()
        data = party.get(f"/v1/exports/{export}/content").content
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (own,) = archive.read("publication_consent.jsonl").splitlines()
            (received,) = archive.read("received/publication_consent.jsonl").splitlines()
        assert (json.loads(own)["id"], json.loads(own)["tenant_id"]) == (id_, party.id)
        assert (json.loads(received)["id"], json.loads(received)["tenant_id"]) == (id_, other.id)
