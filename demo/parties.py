"""Who takes part: organisations that speak to the service over HTTP, each with its own client and token."""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

LONGEST_WAIT, PAUSE = 30.0, 0.1
EVIDENCE = "Exercise: this file stands for the {title} of {vendor}.\n"


class Party:
    """An organisation with a client; every request carries its token."""

    def __init__(self, address: str, name: str, credentials: tuple[str, str], id_: str = "") -> None:
        """Fetch a token for the client."""
        self.name, self.id = name, id_
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=120)
        answer = self._http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials)
        self._http.headers["Authorization"] = f"Bearer {_checked(answer).json()['access_token']}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Send a request and return the JSON of its answer."""
        return _checked(self._http.request(method, path, json=body, **options)).json()

    def fetch(self, path: str, **options: Any) -> bytes:
        """Fetch a file."""
        return _checked(self._http.get(path, **options)).content

    def fetch_soon(self, path: str) -> bytes:
        """Fetch a file that is made within seconds; raise what fetching raises where it is not there in time."""
        deadline = time.monotonic() + LONGEST_WAIT
        while self._http.get(path).status_code == httpx.codes.NOT_FOUND and time.monotonic() < deadline:
            time.sleep(PAUSE)
        return self.fetch(path)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def enrol(operator: Party, address: str, name: str, role: str) -> Party:
    """Have the operator create an organisation with a client; return it."""
    made = operator.call("POST", "/v1/organisations", {"name": name, "country": "XA", "roles": [role]})
    client = operator.call("POST", f"/v1/organisations/{made['id']}/clients", {"name": "integration"})
    return Party(address, name, (client["id"], client["secret"]), made["id"])


def answer(vendor: Party, request: str, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Save all answers, attach evidence, submit; return the answer to submitting, which holds the scorecard."""
    path = f"/v1/disclosure-requests/{request}/submission"
    document = case["document"]
    vendor.call("PATCH", path, document)
    if case["evidence"] != "V0":
        for group, about in _answers(document).items():
            data = EVIDENCE.format(title=f"{group} file", vendor=vendor.name).encode()
            description = json.dumps({"about": about, "dated": case["evidence_dated"]})
            files = {"file": (f"{group}.txt", data, "text/plain")}
            vendor.call("POST", f"{path}/evidence", files=files, data={"description": description})
    declared = {"name": "Ada Verrin", "role": "Head of compliance"}
    submitted: Mapping[str, Any] = vendor.call("POST", f"{path}:submit", declared)
    return submitted


def grade(grader: Party, submission: str, level: str, reviewer: str) -> int:
    """Grade all evidence of a submission; return how many grades were given."""
    gradings = [
        {"evidence": evidence["id"], "question": about["question"], "row": about["row"], "grade": level}
        for evidence in grader.call("GET", f"/v1/submissions/{submission}/evidence")
        for about in evidence["about"]
    ]
    body = {"reviewer": reviewer, "gradings": gradings}
    recorded: int = grader.call("POST", f"/v1/submissions/{submission}/gradings", body)["recorded"]
    return recorded


def _answers(document: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {"company": [{"question": id_} for id_ in document["company"]]}
    for group in ("product", "deployment"):
        found[group] = [
            {"question": id_, "row": row} for row, content in document[group].items() for id_ in content["answers"]
        ]
    return {group: about for group, about in found.items() if about}


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise RuntimeError(f"{response.request.method} {response.request.url.path}: {response.text}")
    return response
