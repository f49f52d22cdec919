"""The service mistaken about who asks: it believes in the rightful owner, the database knows the stranger.

Invariant: only the tenant of the transactions is exchanged, so every check of the service passes, and what is refused
is refused by the database.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.db.session import TenantSession
from tests.isolation.addresses import body, paths
from tests.isolation.test_routes import OWN_CHAIN, ROUTES, World, snapshot, world

__all__ = ["world"]  # the fixture

STRANGERS = ("everything",)
"""The database knows tenants and no roles: one stranger stands for all."""
REFUSED = {403, 404, 409, 422, 500}


@pytest.fixture
def mistaken(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """Run every transaction that names a tenant in the name of a stranger."""
    real = world.service.app.state.sessions
    stranger = world.strangers[request.param].tenant

    def sessions(info: dict[str, Any]) -> TenantSession:
        opened: TenantSession = real(info={"tenant": None if info["tenant"] is None else stranger})
        return opened

    world.service.app.state.sessions = sessions
    yield request.param
    world.service.app.state.sessions = real


@pytest.mark.parametrize("mistaken", STRANGERS, indirect=True)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_the_database_alone_shows_and_changes_nothing(world: World, route: APIRoute, mistaken: str) -> None:
    before = snapshot(world)
    for party in world.parties.values():
        for path in paths(route, world.ids):
            for method in route.methods or ():
                answer = party.send(method, path, **body(route, world.ids))
                if answer.status_code == 200:
                    foreign = set(world.ids.values()) - {world.ids["grantee"], party.id}  # who asks knows that
                    assert not any(id_ in answer.text for id_ in foreign)
                    assert route.path in OWN_CHAIN or not answer.json()["items"]
                else:
                    assert answer.status_code in REFUSED
    assert snapshot(world) == before
