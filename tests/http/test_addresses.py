"""An address that no database could look up is refused in plain words, whichever route it would have reached."""

import pytest

from tests.service import Service


@pytest.mark.parametrize(
    "path",
    [
        "/v1/registry?questionnaire=%00",
        "/v1/registry?q=a&questionnaire=b%00@1",
        "/v1/overlays/%00",
        "/a/%00",
        "/log/records/%00",
        "/v1/organisations?name=a%00bc",
        "/%00?%00",
    ],
)
def test_a_nul_in_an_address_is_refused(service: Service, path: str) -> None:
    answer = service.client.get(path, headers={"Authorization": f"Bearer {service.operator.token}"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:enduse:problem:malformed")
    assert answer.headers["cache-control"] == "no-store"


def test_what_only_looks_like_a_nul_is_read(service: Service) -> None:
    answer = service.client.get("/v1/registry?questionnaire=%2500")
    assert (answer.status_code, answer.json()["items"]) == (200, [])
