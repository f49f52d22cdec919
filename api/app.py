"""The application: the only place that wires features together.

Invariants: everything an endpoint uses is an argument here; a process has as many request threads as database
connections, so that no request waits for a connection while holding another.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import anyio.to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp

from api import audit_log, health, openapi
from api.assessments import keeping as kept_assessments
from api.assessments import routes as assessments
from api.attesting import granting_routes, public_routes
from api.attesting import routes as attesting
from api.break_glass import routes as break_glass
from api.campaigns import routes as campaigns
from api.catalogue import routes as catalogue_routes
from api.catalogue.service import Catalogue
from api.contexts import routes as contexts
from api.countersigning import routes as countersigning
from api.db.session import Sessions
from api.definitions import routes as definitions
from api.directory import routes as directory
from api.directory.resolving import open_resolver
from api.evidence.files import FileStore
from api.grants import routes as grants
from api.http import errors
from api.http.outermost import Outermost, Patience
from api.identity import routes as identity
from api.identity.keys import TokenKeys
from api.identity.oauth.server import TokenServer
from api.overlays import routes as overlays
from api.privacy import routes as privacy
from api.publication import registry_routes as registry
from api.publication import routes as publication
from api.publication.registry import find_entry
from api.quotas import routes as quotas
from api.reviews import routes as reviews
from api.screening import routes as screening
from api.settings import Settings
from api.submissions import carry_routes as carrying
from api.submissions import routes as submissions
from api.submissions.service import open_submission
from api.transparency import anchor_routes as anchors
from api.transparency import routes as transparency
from api.transparency.published import PublishedHead
from api.transparency.status import StatusKey
from api.verifying import routes as verifying
from api.verifying.service import Verifier
from attestations.signing import Signer

_ROUTERS = (
    health.router,
    identity.router,
    directory.router,
    definitions.router,
    overlays.router,
    catalogue_routes.router,
    contexts.router,
    campaigns.router,
    submissions.router,
    carrying.router,
    screening.router,
    reviews.router,
    assessments.router,
    kept_assessments.router,
    grants.router,
    break_glass.router,
    quotas.router,
    attesting.router,
    granting_routes.router,
    countersigning.router,
    public_routes.router,
    transparency.router,
    anchors.router,
    verifying.router,
    publication.router,
    registry.router,
    privacy.router,
    audit_log.router,
)


class Application(FastAPI):
    """FastAPI with our outermost layer around its own."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the layers, outermost first."""
        settings: Settings = self.state.settings
        patience = Patience(settings.body_seconds, settings.upload_bytes_per_second)
        return Outermost(super().build_middleware_stack(), patience)


def create_app(  # noqa: PLR0913  # everything an endpoint uses, each by its name
    settings: Settings,
    *,
    sessions: Sessions,
    files: FileStore,
    signer: Signer,
    token_keys: TokenKeys,
    published: PublishedHead,
    trust: bytes,
    status_key: StatusKey,
) -> FastAPI:
    """Return the service on its database sessions, its files and its keys."""
    app = describe_app(settings)
    app.state.settings = settings
    app.state.sessions = sessions
    app.state.files = files
    app.state.signer = signer
    app.state.published = published
    app.state.trust = trust
    app.state.verifier = Verifier(trust)
    app.state.status_key = status_key
    app.state.catalogue = Catalogue()
    app.state.token_server = TokenServer(sessions, settings.issuer, settings.base_url, token_keys)
    app.state.resolver = open_resolver(settings)
    app.state.open_submission = open_submission
    app.state.find_published = find_entry
    return app


def describe_app(settings: Settings) -> FastAPI:
    """Return the application with its routes and nothing behind them: enough to describe it."""
    app = Application(
        lifespan=_lifespan(settings.pool_size), max_body_size=settings.max_body_bytes, docs_url=None, redoc_url=None,
        openapi_url="/openapi.json", redirect_slashes=False,
    )  # fmt: skip
    for router in _ROUTERS:
        app.include_router(router)
    errors.install(app)
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign]  # FastAPI's own way to replace it
    return app


def _lifespan(threads: int) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield

    return run
