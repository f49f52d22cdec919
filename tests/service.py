"""The service in this process, on a database of its own, and the organisations that use it over HTTP.

Invariant: every answer that a test receives has been held against the OpenAPI document.
"""

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from api import clock, keys
from api.app import create_app
from api.db.engine import Limits, open_engine
from api.db.session import Sessions, sessions_on, unit_of_work
from api.evidence.files import open_files
from api.http.connections import server_options
from api.identity import service as identity
from api.identity.clients import Registration, create_client
from api.ids import TenantId
from api.settings import Settings
from api.tenancy import Role
from api.transparency.published import open_published
from tests.contract.contract import check

ANSWERS = Path(__file__).parents[1] / "demo" / "answers"
REVISIONS = {
    "questionnaire": "surveillance-hrdd@1", "criteria": "surveillance-hrdd-criteria@1", "context": "exercise",
}  # fmt: skip
"""What the exercises were answered to: later revisions change nothing about them."""
UNLIMITED = {
    "client_per_second": 1e4, "client_at_once": 10**5, "address_per_second": 1e4, "address_at_once": 10**5,
    "organisation_per_second": 1e4, "organisation_at_once": 10**5, "claims_per_hour": 1e6,
    "verifications_per_minute": 10**5, "registry_per_minute": 10**5,
}  # fmt: skip
"""Rate limits that no test meets by chance."""
_ROUTES: dict[int, list[BaseRoute]] = {}
"""The routes of the first application that this process made: FastAPI takes a third of a second to prepare them."""
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client on loopback needs of TLS, which is nothing: to read the authorities takes 50 ms for each client."""
DECLARATION = {"name": "Ada Verrin", "role": "Head of compliance"}


class Party:
    """An organisation with a client, speaking HTTP."""

    def __init__(self, client: httpx.Client, id_: UUID, name: str, credentials: tuple[str, str]) -> None:
        self.id, self.name, self.credentials = str(id_), name, credentials
        self._client = client
        self.token = self.fetch_token()

    @property
    def tenant(self) -> TenantId:
        """The organisation as a tenant, for looking into the database."""
        return TenantId(UUID(self.id))

    def on(self, service: "Service") -> "Party":
        """Return the same organisation, speaking to another process or copy of the installation."""
        return Party(service.client, UUID(self.id), self.name, self.credentials)

    def fetch_token(self, **form: str) -> str:
        """Return an access token."""
        answer = self._client.post(
            "/oauth/token", data={"grant_type": "client_credentials", **form}, auth=self.credentials
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request with the token and check the answer against the contract."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        answer: httpx.Response = self._client.request(method, path, headers=headers, **options)
        check(answer)
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a POST with a JSON body."""
        return self.send("POST", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> httpx.Response:
        """Send a PATCH with a JSON body."""
        return self.send("PATCH", path, json=body, **options)


class Service:
    """The application and a way to make organisations."""

    superuser_url = ""
    """Set by the fixture that made the database."""

    def __init__(
        self, app: FastAPI, client: httpx.Client, sessions: Sessions, settings: Settings, app_url: str
    ) -> None:
        self.app, self.client, self.sessions, self.settings = app, client, sessions, settings
        self.app_url = app_url
        self.operator = self._make_operator()

    def _make_operator(self) -> Party:
        with unit_of_work(self.sessions, None) as session:
            organisation = identity.create_organisation(session, "Operator", None, [Role.OPERATOR])
            session.commit()
        client, secret = create_client(self.sessions, organisation, Registration("operator"))
        assert secret is not None
        return Party(self.client, organisation.id, "Operator", (str(client.id), secret))

    def organisation(self, name: str, *roles: str, scopes: list[str] | None = None) -> Party:
        """Create an organisation and a client of it, through HTTP, as the operator."""
        made = self.operator.post("/v1/organisations", {"name": name, "country": "XA", "roles": list(roles)})
        assert made.status_code == 201, made.text
        asked: dict[str, Any] = {"name": "integration"} | ({"scopes": scopes} if scopes else {})
        client = self.operator.post(f"/v1/organisations/{made.json()['id']}/clients", asked)
        assert client.status_code == 201, client.text
        return Party(self.client, UUID(made.json()["id"]), name, (client.json()["id"], client.json()["secret"]))

    def render(self) -> int:
        """Do the jobs that wait, and those they call for, as a worker would; return how many had waited."""
        from api.jobs.registry import HANDLERS, load_handler

        waiting = jobs = self._take_jobs()
        while jobs:
            for task, arguments in jobs:
                ids = {name: UUID(value) for name, value in arguments.items()}
                load_handler(HANDLERS[task])(self.sessions, self.settings, **ids)
            jobs = self._take_jobs()
        return len(waiting)

    def _take_jobs(self) -> list[tuple[str, dict[str, str]]]:
        with unit_of_work(self.sessions, None) as session:
            rows = session.connection().exec_driver_sql(
                "update procrastinate_jobs set status = 'succeeded' where status = 'todo' returning task_name, args"
            )
            jobs = [(row.task_name, row.args) for row in rows]
            session.commit()
        return jobs


def open_client(base_url: str, timeout: float) -> httpx.Client:
    """Return a client of a service on loopback."""
    return httpx.Client(base_url=base_url, trust_env=False, timeout=timeout, verify=_NO_AUTHORITIES)


@contextmanager
def serving(app_url: str, folder: Path, base_url: str | None = None, **more: Any) -> Iterator[Service]:
    """Give the service on a migrated database, behind a real server on a loopback port.

    With the `base_url` and the folder of another it is a second process of the same installation.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(data_folder=folder, base_url=base_url or address, pool_size=4, **{**UNLIMITED, **more})
        limits = Limits(settings.statement_seconds, settings.idle_transaction_seconds)
        engine = open_engine(app_url, pool_size=4, limits=limits)
        sessions, found = sessions_on(engine), keys.load(settings)
        app = create_app(
            settings,
            sessions=sessions,
            files=open_files(settings),
            signer=found.signer,
            token_keys=found.token,
            published=open_published(settings, found.log.public),
            trust=found.trust,
            status_key=found.status,
        )
        app.router.routes = _ROUTES.setdefault(settings.max_body_bytes, app.router.routes)
        try:
            with _running(app, listening), open_client(address, timeout=60) as client:
                yield Service(app, client, sessions, settings, app_url)
        finally:
            engine.dispose()


@contextmanager
def _running(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    options = server_options(app.state.settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="critical", **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def read_case(name: str) -> dict[str, Any]:
    """Return one exercise submission of the demo."""
    case: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    return case


def due() -> str:
    """Return a due date that lies ahead."""
    day: date = clock.today() + timedelta(days=60)
    return day.isoformat()


def issue(investor: Party, vendor: Party, **more: Any) -> Mapping[str, Any]:
    """Issue a request of the exercise and return it."""
    asked = {"respondent": vendor.id, **REVISIONS, "due_on": due(), **more}
    answer = investor.post("/v1/disclosure-requests", asked)
    assert answer.status_code == 201, answer.text
    request: Mapping[str, Any] = answer.json()
    return request


def attach(
    vendor: Party, request: str, about: list[dict[str, Any]], data: bytes = b"evidence", **more: Any
) -> httpx.Response:
    """Attach a file to answers of a draft."""
    description = {"about": about, "dated": "2026-06-30", **more}
    return vendor.send(
        "POST",
        f"/v1/disclosure-requests/{request}/submission/evidence",
        files={"file": ("proof.txt", data, "text/plain")},
        data={"description": json.dumps(description)},
    )


def keys_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every answer of a document as evidence names it."""
    found: list[dict[str, Any]] = [{"question": question} for question in document["company"]]
    for group in ("product", "deployment"):
        for row, content in document[group].items():
            found.extend({"question": question, "row": row} for question in content["answers"])
    return found


def submit_case(investor: Party, vendor: Party, name: str) -> Mapping[str, Any]:
    """Issue, answer and submit one exercise, without grades; return the answer to submitting with its `request`."""
    case, request = read_case(name), issue(investor, vendor)
    path = f"/v1/disclosure-requests/{request['id']}/submission"
    saved = vendor.patch(path, case["document"])
    assert saved.status_code == 200, saved.text
    if case["evidence"] != "V0":
        attached = attach(vendor, request["id"], keys_of(case["document"]), dated=case["evidence_dated"])
        assert attached.status_code == 201, attached.text
    submitted = vendor.post(f"{path}:submit", DECLARATION)
    assert submitted.status_code == 200, submitted.text
    return {**submitted.json(), "request": request["id"]}


def grade_all(grader: Party, submission: str, grade: str) -> httpx.Response:
    """Give all evidence of a submission one grade."""
    evidence = grader.get(f"/v1/submissions/{submission}/evidence").json()
    gradings = [
        {"evidence": item["id"], "question": about["question"], "row": about["row"], "grade": grade}
        for item in evidence
        for about in item["about"]
    ]
    return grader.post(f"/v1/submissions/{submission}/gradings", {"reviewer": "Ida Marr", "gradings": gradings})
