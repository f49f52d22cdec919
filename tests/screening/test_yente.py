"""An outside service is asked in its own protocol; whatever goes wrong is told by a word, and nothing is half used."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from api.screening import yente
from api.screening.providers import DatedList, Match, ProviderError
from api.screening.yente import Yente
from api.settings import Settings
from tests.screening.services import StandIn, result, standing_in


@pytest.fixture
def service() -> Iterator[StandIn]:
    with standing_in() as found:
        yield found


def find(url: str, names: list[str], **more: Any) -> list[Match]:
    adapter = Yente(Settings(match_url=url, **more))
    try:
        return list(adapter.find(names))
    finally:
        adapter.close()


def failure(url: str, **more: Any) -> str:
    with pytest.raises(ProviderError) as caught:
        find(url, ["Secret Name"], **more)
    assert "Secret" not in str(caught.value)
    return caught.value.code


def test_names_are_sent_in_batches_and_nothing_else(service: StandIn) -> None:
    names = [f"Name {number}" for number in range(60)]
    service.results["Name 57"] = [result("Q1", "Name Fifty-Seven", 0.8125), result("Q2", "Far", 0.4)]
    found = find(service.url, names, match_key="sesame")
    dated = DatedList("sanctions", "Sanctions", date(2026, 11, 19), None, "outside")
    assert found == [Match("Name 57", dated, "Q1", "Name Fifty-Seven", 8125)]
    (catalog, key, _), *posts = service.asked
    assert (catalog, key) == ("/catalog", "ApiKey sesame")
    assert [path for path, _, _ in posts] == ["/match/sanctions?limit=10&threshold=0.7"] * 2
    sent = [query for _, _, body in posts for query in body["queries"].values()]
    assert sent == [{"schema": "LegalEntity", "properties": {"name": [name]}} for name in names]
    assert all(body.keys() == {"queries"} for _, _, body in posts)


@pytest.mark.parametrize(
    "said",
    [
        b"", b"{", b"[]", b'{"responses": {}}', b'{"responses": {"q0": {"status": 500, "results": []}}}',
        json.dumps({"responses": {"q0": {"results": [{"id": "x", "caption": "y", "score": 1.5}]}}}).encode(),
        json.dumps({"responses": {"q0": {"results": [{"id": "", "caption": "y", "score": 1}]}}}).encode(),
        json.dumps({"responses": {"q0": {"results": []}, "q1": {"results": []}}}).encode(),
        json.dumps({"responses": {"q0": {"results": [result("a", "b", 0.9)] * 11}}}).encode(),
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused_whole(service: StandIn, said: bytes) -> None:
    service.raw = said
    assert failure(service.url) == "outside_invalid"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_refusal_is_told(service: StandIn, status: int) -> None:
    service.status = status
    assert failure(service.url) == "outside_refused"


def test_no_redirect_is_followed(service: StandIn) -> None:
    service.status, service.location = 302, f"{service.url}/elsewhere"
    assert failure(service.url) == "outside_refused"
    assert [path for path, _, _ in service.asked] == ["/catalog"]


@pytest.mark.parametrize("version", [None, "soon", "20261399-x"])
def test_an_undated_list_is_refused(service: StandIn, version: str | None) -> None:
    service.catalog = {"datasets": [{"name": "sanctions", "title": "S", "version": version}]}
    assert failure(service.url) in {"outside_undated", "outside_invalid"}
    assert len(service.asked) == 1


def test_a_dataset_that_is_not_there_is_told(service: StandIn) -> None:
    assert failure(service.url, match_dataset="nothing") == "outside_undated"


def test_sizes_are_bounded(service: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yente, "LARGEST_ANSWER", 2000)
    service.raw = b" " * 2001
    assert failure(service.url) == "outside_too_large"


def test_waiting_is_bounded(service: StandIn) -> None:
    service.hold = threading.Event()
    assert failure(service.url, match_seconds=0.2) == "outside_too_slow"


def test_an_answer_that_drips_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not over.wait(0.05):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            assert failure(url, match_seconds=0.3) == "outside_too_slow"
        finally:
            over.set()
            thread.join()


def test_a_service_that_is_not_there_and_none_at_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}") == "outside_unreachable"
    with pytest.raises(ProviderError) as caught:
        Yente(Settings())
    assert caught.value.code == "outside_not_configured"


def test_production_asks_over_https_only() -> None:
    told = "ENDUSE_MATCH_URL is not https (names would pass in the clear)"
    assert told in Settings(match_url="http://match.example").insecurities()
    assert told not in Settings(match_url="https://match.example").insecurities()
    assert told not in Settings(match_url="http://127.0.0.1:8000").insecurities()
