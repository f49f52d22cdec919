"""Every route, for every kind of stranger: what exists is not told, and nothing changes.

Invariant: the routes come from the application itself, so that a new one is tested, or fails for want of a body.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute

from api.app import describe_app
from api.identity.scopes import SCOPES
from api.openapi import routes_of, scope_of
from api.settings import Settings
from tests.databases import database_on
from tests.definitions.own import YAML, publish
from tests.definitions.own import draft as write_draft
from tests.isolation.addresses import body, paths
from tests.isolation.rows import snapshot_at
from tests.isolation.tokens import token_scopes
from tests.overlays.own import draft_overlay, publish_overlay
from tests.reviews.conftest import ASKED, IDA, submit_whole
from tests.screening.loading import HEAD, load
from tests.service import Party, Service, issue, serving, submit_case

OPEN = {
    "/healthz", "/readyz", "/oauth/token", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json",
    "/v1/trust.json", "/oauth/revoke", "/oauth/introspect", "/log/key", "/log/checkpoint", "/log/tile/{path:path}",
    "/log/proofs/inclusion", "/log/proofs/consistency", "/log/records/{statement}",
    "/a/{id_}", "/log/cosignatures", "/log/status-lists/1",
    "/v1/verifications", "/v1/organisations/{organisation}/claims",
    "/v1/organisations/{organisation}/claims/{claim}:complete", "/v1/registry", "/v1/registry/feed",
    "/v1/registry/{id_}", "/v1/registry/{id_}/pdf", "/v1/registry/{id_}/bundle", "/v1/registry/{id_}/record",
}  # fmt: skip
SHARED = {
    "/v1/organisations", "/v1/organisations/{organisation}/clients",
    "/v1/organisations/{organisation}/quota", "/v1/criteria", "/v1/criteria/{name}", "/v1/contexts",
    "/v1/contexts/{name}", "/v1/screening-lists",
    "/v1/organisations:search", "/v1/organisations/{organisation}", "/v1/vendor-records",
}  # fmt: skip
"""Not a tenant's: criteria, contexts (`tests/contexts` shows who sees one's own), the lists that are loaded, and the
directory, of which `tests/directory` shows who sees what."""

OWN_CHAIN = {
    "/v1/screening-setting",
    "/v1/audit-entries",
    "/v1/audit-log",
    "/v1/clients",
    "/v1/exports",
    "/v1/overlay-drafts",
    "/v1/questionnaire-drafts",
    "/v1/rescorings",
    "/v1/retention",
    "/v1/review-calendar",
    "/v1/usage",
}
"""Everybody has an audit log, clients, exports, drafts, settings and a usage; nothing of others may stand in them."""

OWN_ACTS = {
    "ask_for_export", "choose_retention", "choose_setting", "list_holidays", "ask_for_rescoring", "create_draft",
    "create_overlay_draft",
}  # fmt: skip
"""What everybody may do to themselves, and to nobody else."""

REFUSED_BY_CODE = {"create_own_client": "scope", "erase": "oneself", "issue_request": "unknown_vendor"}
"""What is refused for a reason of its own, before anything is looked for."""

ROUTES = [route for route in routes_of(describe_app(Settings())) if route.path not in OPEN | SHARED]
STRANGERS = (
    "other investor", "other vendor", "auditor", "everything", "auditor whose grant ended",
    "auditor whose grant is revoked", "other operator",
)  # fmt: skip


OPERATING = {(name, "other operator") for name in ("approve_claim", "merge_entries")}
"""What every operator may do to the directory, which is no tenant's: `tests/directory` shows how."""


class World(NamedTuple):
    """Two parties with a draft, a sealed submission and an attestation; and those who have no part in it."""

    service: Service
    parties: dict[str, Party]
    strangers: dict[str, Party]
    ids: dict[str, str]
    superuser_url: str


@pytest.fixture(scope="module")
def world(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        database_on(cluster) as database,
        serving(database.app_url, tmp_path_factory.mktemp("data"), dns_resolver="192.0.2.1") as service,
    ):
        investor, vendor = service.organisation("Aster", "investor"), service.organisation("Quillmere", "vendor")
        submitted, draft = submit_case(investor, vendor, "f5"), issue(investor, vendor)
        vendor.patch(
            f"/v1/disclosure-requests/{draft['id']}/submission", {"company": {"TRA-02": {"state": "not_known"}}}
        )
        evidence = investor.get(f"/v1/submissions/{submitted['submission']}/evidence").json()[0]
        attested = investor.post("/v1/attestations", {"submission": submitted["submission"]}).json()
        service.render()
        said = {"officer": {"name": "Ada Verrin", "role": "Head of compliance"}}
        countersigned = vendor.post(f"/v1/attestations/{attested['id']}/countersignatures", said, headers=IDA).json()
        proposed = vendor.post(f"/v1/attestations/{attested['id']}/publications", {"level": "band"}).json()
        shown = {"grantee": investor.id, "purpose": "Copy", "level": "band"}
        grant = vendor.post(f"/v1/submissions/{submitted['submission']}/grants", shown).json()
        strangers = {
            "other investor": service.organisation("Basil", "investor"),
            "other vendor": service.organisation("Tarnbrook", "vendor"),
            "auditor": service.organisation("Sorrel", "auditor"),
            "everything": service.organisation("Omnis", "investor", "vendor", "auditor"),
            "auditor whose grant ended": service.organisation("Thyme", "auditor"),
            "auditor whose grant is revoked": service.organisation("Borage", "auditor"),
        }
        reviewed, run, assessment = review_and_rescore(service, investor, submit_whole(investor, vendor, "f3"))
        opened = break_glass(service, vendor, submitted["submission"])
        strangers["other operator"] = other_operator(service)
        grants = f"/v1/submissions/{submitted['submission']}/grants"
        ended, revoked = (
            vendor.post(grants, {"grantee": strangers[f"auditor whose grant {end}"].id, "purpose": "Audit"}).json()[
                "id"
            ]
            for end in ("ended", "is revoked")
        )
        vendor.post(f"/v1/grants/{revoked}:revoke")
        past_grants = [ended, *publish_to_former_readers(vendor, attested["id"], strangers)]
        with psycopg.connect(database.superuser_url) as connection:
            past = "update access_grant set expires_at = now() - interval '1 second' where id = any(%s)"
            connection.execute(past, (past_grants,))
        named = {"name": "Tarnbrook Ltd", "domain": "tarnbrook.example"}
        directory_record = investor.post("/v1/vendor-records", named).json()
        claimed = f"/v1/organisations/{directory_record['id']}/claims"
        claim = service.client.post(claimed, json={"method": "dns"}).json()
        erasure = investor.post("/v1/erasures", {"what": "person", "person": "Ida Marr", "reason": "Left"}).json()
        export = investor.post("/v1/exports").json()
        own, text = publish(investor, YAML), write_draft(investor, YAML).rpartition("/")[2]
        laid, laid_draft = publish_overlay(investor), draft_overlay(investor)
        texts = {"/title": {"source": "Staff and policy", "text": "Personal"}}
        investor.send("PUT", f"/v1/questionnaires/{own['digest']}/translations/de", json={"texts": texts})
        service.render()
        load(database, HEAD + "Saint Orlin,,XX_TEST,2026-11-20,R-1\n")
        screening = investor.post(f"/v1/submissions/{submitted['submission']}/screenings", {}).json()["id"]
        service.render()
        candidate = investor.get(f"/v1/screenings/{screening}/candidates").json()["items"][0]["id"]
        ids = {
            "screening": screening, "candidate": candidate,
            "publication": proposed["id"], "record": directory_record["id"], "claim": claim["id"],
            "request": submitted["request"], "draft_request": draft["id"], "submission": submitted["submission"],
            "draft_submission": draft["submission"], "evidence": evidence["id"], "attestation": attested["id"],
            "grant": grant["id"], "grantee": strangers["auditor"].id, "client": investor.credentials[0],
            "export": export["id"], "erasure": erasure["id"], "investor": investor.id,
            "access": opened, "review": reviewed, "rescoring": run, "assessment": assessment,
            "countersignature": countersigned["id"],
            "questionnaire": own["digest"], "questionnaire_draft": text,
            "overlay": laid["digest"], "overlay_draft": laid_draft.rpartition("/")[2],
        }  # fmt: skip
        yield World(service, {"investor": investor, "vendor": vendor}, strangers, ids, database.superuser_url)


def review_and_rescore(service: Service, investor: Party, submission: str) -> tuple[str, str, str]:
    """Return a review that is open, and a run with an assessment that is kept."""
    opened = investor.post(f"/v1/submissions/{submission}/reviews", ASKED, headers=IDA).json()["id"]
    criteria = {"criteria": "surveillance-hrdd-criteria@2", "context": "exercise"}
    run = investor.post("/v1/rescorings", criteria).json()["id"]
    service.render()
    return opened, run, investor.get("/v1/assessments").json()["items"][0]["id"]


def publish_to_former_readers(vendor: Party, attestation: str, strangers: dict[str, Party]) -> list[str]:
    """Grant an attestation to those whose grants end; take one back, and return the other, to be ended."""
    ended, revoked = (
        vendor.post(
            f"/v1/attestations/{attestation}/grants",
            {"grantee": strangers[f"auditor whose grant {end}"].id, "purpose": "Audit"},
        ).json()["id"]
        for end in ("ended", "is revoked")
    )
    vendor.post(f"/v1/grants/{revoked}:revoke")
    return [ended]


def break_glass(service: Service, vendor: Party, submission: str) -> str:
    """Return an access of the operator to a submission, asked for."""
    asked = {"organisation": vendor.id, "submission": submission, "reason": "A reason of some length", "minutes": 9}
    person = {"Enduse-Acting-Person": "Ines"}
    access: str = service.operator.post("/v1/break-glass-accesses", asked, headers=person).json()["id"]
    return access


def other_operator(service: Service) -> Party:
    """Return a second operator, and a client of it that names a person with everything it does."""
    made = service.operator.post("/v1/organisations", {"name": "Second", "roles": ["operator"]}).json()
    client = service.operator.post(f"/v1/organisations/{made['id']}/clients", {"name": "second"}).json()
    return Party(service.client, UUID(made["id"]), "Second", (client["id"], client["secret"]))


def snapshot(world: World, *but: UUID) -> dict[str, str]:
    """Return a digest of all rows of every table (but some tenants' own), as the database's superuser sees them."""
    return snapshot_at(world.superuser_url, *but)


def is_list(route: APIRoute) -> bool:
    """Tell whether a route lists the caller's own rows; of an anchor there is one a day, and none today."""
    single = ":" in route.path or route.path == "/v1/audit-anchor"
    return "{" not in route.path and not single and "GET" in (route.methods or ())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_stranger_finds_nothing(world: World, route: APIRoute, subtests: pytest.Subtests) -> None:
    strangers = [who for who in STRANGERS if (route.name, who) not in OPERATING]
    acting = [world.strangers[who].tenant for who in strangers] if route.name in OWN_ACTS else []
    before = snapshot(world, *acting)
    for who in strangers:
        with subtests.test(who):
            for path in paths(route, world.ids):
                for method in route.methods or ():
                    check_stranger(world, route, world.strangers[who], method, path)
    assert snapshot(world, *acting) == before


def check_stranger(world: World, route: APIRoute, stranger: Party, method: str, path: str) -> None:
    """Ask for what is others', and find that the answer tells nothing of it."""
    asked = body(route, world.ids)
    if route.name == "create_own_client":
        asked["json"]["scopes"] = sorted(SCOPES.keys() - token_scopes(stranger))[:1]
    answer = stranger.send(method, path, **asked)
    if scope_of(route) not in token_scopes(stranger):
        assert answer.status_code == 403
    elif route.name in REFUSED_BY_CODE:
        assert answer.json()["errors"][0]["code"] == REFUSED_BY_CODE[route.name]
    elif route.path in OWN_CHAIN:
        foreign = set(world.ids.values()) | {party.id for party in world.parties.values()}
        assert answer.status_code in {200, 201, 202}
        assert not any(id_ in answer.text for id_ in foreign - {world.ids["grantee"]})
    elif is_list(route):
        assert answer.json()["items"] == []
    else:
        assert answer.status_code == 404
        assert told(answer) == told(not_there(stranger, route, method, world))


def told(answer: httpx.Response) -> Any:
    """Return all that an answer tells: its body, and its headers but for time and request."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "request-id"}}
    return answer.json(), headers


def not_there(stranger: Party, route: APIRoute, method: str, world: World) -> httpx.Response:
    """Return the answer for what does not exist at all: what exists must not be told from it."""
    nowhere = dict.fromkeys(world.ids, "01900000-0000-7000-8000-000000000000") | {"grantee": world.ids["grantee"]}
    return stranger.send(method, paths(route, nowhere)[0], **body(route, nowhere))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_nobody_without_a_token_is_served(world: World, route: APIRoute) -> None:
    for path in paths(route, world.ids):
        for method in route.methods or ():
            answer = world.service.client.request(method, path, **body(route, world.ids))
            assert answer.status_code == 401


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_the_rightful_owner_without_the_scope_is_told_so_and_no_more(world: World, route: APIRoute) -> None:
    before, scope = snapshot(world), str(scope_of(route))
    for party in world.parties.values():
        others = token_scopes(party) - {scope}
        narrow = party.fetch_token(scope=" ".join(sorted(others)))
        for path in paths(route, world.ids):
            for method in route.methods or ():
                asked = body(route, world.ids)
                headers = {"Authorization": f"Bearer {narrow}", **asked.pop("headers", {})}
                answer = world.service.client.request(method, path, headers=headers, **asked)
                assert answer.status_code == 403
                assert f'scope="{scope}"' in answer.headers["www-authenticate"]
    assert snapshot(world) == before


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_revoked_client_of_the_rightful_owner_is_nobody(world: World, route: APIRoute) -> None:
    before = snapshot(world)
    for party in world.parties.values():
        made = world.service.operator.post(f"/v1/organisations/{party.id}/clients", {"name": "leaver"}).json()
        leaver = Party(world.service.client, party.tenant, party.name, (made["id"], made["secret"]))
        with psycopg.connect(world.superuser_url) as connection:
            connection.execute("update oauth_client set revoked_at = now() where id = %s", (made["id"],))
        for path in paths(route, world.ids):
            for method in route.methods or ():
                assert leaver.send(method, path, **body(route, world.ids)).status_code == 401
        with psycopg.connect(world.superuser_url) as connection:
            connection.execute("delete from oauth_client where id = %s", (made["id"],))
    assert {t: d for t, d in snapshot(world).items() if t != "audit_entry"} == {
        t: d for t, d in before.items() if t != "audit_entry"
    }


def test_every_protected_route_names_a_scope() -> None:
    unprotected = {route.path for route in routes_of(describe_app(Settings())) if scope_of(route) is None}
    assert unprotected == OPEN


@pytest.mark.parametrize("name", ["draft_submission", "draft_request"])
def test_the_issuer_finds_no_draft(world: World, name: str) -> None:
    investor, id_ = world.parties["investor"], world.ids[name]
    assert investor.get(f"/v1/submissions/{id_}").status_code == 404
    assert investor.get(f"/v1/submissions/{id_}/evidence").status_code == 404
    assert investor.get(f"/v1/submissions/{id_}/scorecard").status_code == 404
    assert investor.post("/v1/attestations", {"submission": id_}).status_code == 404
    assert id_ not in {item["id"] for item in investor.get("/v1/submissions").json()["items"]}
