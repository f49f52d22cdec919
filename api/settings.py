"""What an operator may set, and the only place that reads the environment (variables `ENDUSE_...`).

Invariants: a production service refuses to start on an insecure default and names every problem at once; a development
service starts and says the same aloud. No message repeats a value: database addresses hold passwords.
"""

import logging
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024


def _base_url(data: dict[str, Any]) -> str:
    """Return the base address that was given: the issuer unless another is named."""
    return str(data["base_url"])


class Settings(BaseSettings):
    """The settings of one process; frozen. Durations are seconds, sizes are bytes."""

    model_config = SettingsConfigDict(
        env_prefix="ENDUSE_", frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    environment: Literal["development", "production"] = "development"
    database_url: SecretStr | None = None
    """PostgreSQL address of the login role `enduse_app`; none starts the embedded server (development only)."""
    owner_database_url: SecretStr | None = None
    """PostgreSQL address of `enduse_owner`, needed by `enduse migrate` only."""
    data_folder: Path = Path("data")
    """Everything this machine keeps: embedded cluster, keys, files."""

    base_url: str = "http://127.0.0.1:8000"
    """Public address of the service, without a trailing slash."""
    issuer: str = Field(default_factory=_base_url)
    """`iss` of the access tokens; the base address unless named."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    pool_size: int = Field(default=6, ge=1, le=64)
    """Database connections of one serving process, and as many request threads."""
    worker_processes: int = Field(default=1, ge=0, le=32)
    """Worker children that `enduse serve` keeps alive; 0 where workers run on their own."""
    max_body_bytes: int = Field(default=2 * MEBIBYTE, ge=1024)
    """Largest request body, except a file of evidence (see `api.evidence.service.LARGEST_FILE`)."""
    storage_quota_bytes: int = Field(default=5 * 1024 * MEBIBYTE, ge=0)
    """Bytes of files that an organisation may keep, unless the operator set another number for it."""
    open_request_quota: int = Field(default=10_000, ge=0)
    """Unanswered disclosure requests that an organisation may have, unless the operator set another number for it."""
    client_per_second: float = Field(default=50, gt=0)
    """Requests a second that one client may send in the long run."""
    client_at_once: int = Field(default=500, ge=1)
    """Requests that one client may send at once."""
    organisation_per_second: float = Field(default=200, gt=0)
    """Requests a second that all clients of one organisation together may send in the long run."""
    organisation_at_once: int = Field(default=2000, ge=1)
    """Requests that all clients of one organisation together may send at once."""
    address_per_second: float = Field(default=5, gt=0)
    """Requests a second that one address may send to the token endpoint in the long run."""
    address_at_once: int = Field(default=200, ge=1)
    """Requests that one address may send to the token endpoint at once."""
    head_seconds: float = Field(default=10, gt=0)
    """How long a connection may take to send the head of a request."""
    body_seconds: float = Field(default=30, gt=0)
    """How long the service waits for the parts of a body, in all; an upload has more, see `upload_bytes_per_second`."""
    upload_bytes_per_second: int = Field(default=64 * 1024, ge=1)
    """What an upload must bring on average once `body_seconds` are over."""
    connections: int = Field(default=1000, ge=2)
    """From so many connections on a serving process answers new requests with 503."""
    keep_alive_seconds: int = Field(default=5, ge=1)
    """How long a connection without a request is kept."""
    statement_seconds: float = Field(default=30, gt=0)
    """After which the database ends a statement, waiting for locks included."""
    idle_transaction_seconds: float = Field(default=60, gt=0)
    """After which the database ends a transaction that nobody goes on with."""
    job_heartbeat: float = Field(default=2.0, gt=0)
    """How often a worker says that it lives."""
    job_stale_after: float = Field(default=15.0, gt=0)
    """Silence after which a worker counts as dead and its job is given to another."""
    job_attempts: int = Field(default=5, ge=1)
    """Starts after which a job that failed, or killed its worker, each time is given up."""

    @field_validator("base_url", "issuer")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http(s) address without query and fragment")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _refuse_insecure_production(self) -> Self:
        if self.job_stale_after < 3 * self.job_heartbeat:
            raise ValueError("job_stale_after must be at least three times job_heartbeat")
        problems = self.insecurities()
        if self.environment == "production" and problems:
            raise ValueError("not fit for production: " + "; ".join(problems))
        return self

    def insecurities(self) -> list[str]:
        """Return a sentence for each setting that must not be used in production; none of them repeats a value."""
        found = []
        if self.database_url is None:
            found.append("ENDUSE_DATABASE_URL is not set (the embedded server is for development only)")
        if not self.base_url.startswith("https://"):
            found.append("ENDUSE_BASE_URL is not https")
        if not self.issuer.startswith("https://"):
            found.append("ENDUSE_ISSUER is not https")
        if not self.data_folder.is_absolute():
            found.append("ENDUSE_DATA_FOLDER is not an absolute path")
        return found


def warn_of_insecurities(settings: Settings) -> None:
    """Say aloud, one warning for each, what this development service would be refused for in production."""
    for problem in settings.insecurities():
        log.warning("development only: %s", problem)
