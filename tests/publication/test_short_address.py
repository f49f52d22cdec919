"""The short address leads to the registry while both parties publish, and no longer."""

from uuid import UUID

from api.attesting.short_address import shorten
from tests.publication.conftest import Published


def test_it_links_what_is_published(published: Published) -> None:
    address = f"/a/{shorten(UUID(published.attestation))}"

    def read(accept: str = "application/json") -> str:
        return published.service.client.get(address, headers={"Accept": accept}).text

    assert '"registry":null' in read()
    assert "/v1/registry/" not in read("text/html")
    publication = published.publish()
    (entry,) = published.listed()
    link = f"{published.service.settings.base_url}/v1/registry/{entry}"
    assert link in read()
    assert link in read("text/html")
    assert published.look(f"/{entry}").json()["attestation"] == published.attestation
    published.vendor.post(f"/v1/publications/{publication}:withdraw")
    published.service.render()
    assert '"registry":null' in read()
