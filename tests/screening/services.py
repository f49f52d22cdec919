"""A stand-in for a matching service: the two calls of yente that we make, in the shapes that it documents."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CATALOG = {
    "datasets": [
        {"name": "default", "title": "All", "load": True, "version": "20261120120000-abc", "children": ["sanctions"]},
        {"name": "sanctions", "title": "Sanctions", "load": True, "version": "20261121120000-abc",
         "index_version": "20261119120000-abc", "index_current": False, "children": []},
    ],
    "current": [], "outdated": ["sanctions"], "index_stale": True,
}  # fmt: skip


def result(id_: str, caption: str, score: float) -> dict[str, Any]:
    """Return one result of a match."""
    return {
        "id": id_, "caption": caption, "schema": "PublicBody", "properties": {"name": [caption]},
        "datasets": ["xx_list"], "referents": ["xx-1"], "target": True, "first_seen": "2026-01-01T00:00:00",
        "last_seen": "2026-11-19T00:00:00", "last_change": "2026-01-01T00:00:00", "score": score,
        "features": {"name_literal": score}, "match": score >= 0.7,
    }  # fmt: skip


@dataclass
class StandIn:
    """What the service answers, and what it was asked."""

    url: str = ""
    catalog: Any = field(default_factory=lambda: CATALOG)
    results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    status: int = 200
    raw: bytes | None = None
    location: str | None = None
    hold: threading.Event | None = None
    asked: list[tuple[str, str | None, Any]] = field(default_factory=list)

    def answer(self, path: str, body: Any) -> bytes:
        """Return the answer to a call."""
        if path.startswith("/catalog"):
            return json.dumps(self.catalog).encode()
        if self.raw is not None:
            return self.raw
        responses = {
            key: {"status": 200, "results": found, "total": {"value": len(found), "relation": "eq"}, "query": query}
            for key, query in body["queries"].items()
            for found in [self.results.get(query["properties"]["name"][0], [])]
        }
        return json.dumps({"responses": responses, "matcher": {}, "limit": 10}).encode()


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Run the stand-in on a loopback port."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the class asks for
            self._do(None)

        def do_POST(self) -> None:  # the name that the class asks for
            self._do(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def _do(self, body: Any) -> None:
            stand_in.asked.append((self.path, self.headers.get("authorization"), body))
            if stand_in.hold is not None:
                stand_in.hold.wait(30)
            data = stand_in.answer(self.path, body)
            self.send_response(stand_in.status)
            if stand_in.location is not None:
                self.send_header("location", stand_in.location)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the class asks for
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield stand_in
    finally:
        if stand_in.hold is not None:
            stand_in.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
