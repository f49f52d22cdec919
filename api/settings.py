"""What an operator may set, and the only place that reads the environment (variables `ENDUSE_...`).

Invariants: a production service refuses to start on an insecure default and names every problem at once; a development
service starts and says the same aloud. No message repeats a value: database addresses hold passwords.
"""

import logging
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

log = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024


def _base_url(data: dict[str, Any]) -> str:
    """Return the base address that was given: the issuer unless another is named."""
    return str(data["base_url"])


def _is_local(address: str) -> bool:
    return urlsplit(address).hostname in {"127.0.0.1", "::1", "localhost"}


class Days(BaseModel):
    """How many days something stays: unless an organisation chooses, and between which bounds it may choose."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: int
    least: int = Field(ge=1)
    most: int = Field(le=36500)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.least <= self.default <= self.most:
            raise ValueError("default must lie between least and most")
        return self


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
    clients_per_organisation: int = Field(default=50, ge=1)
    """Clients of one organisation that are neither revoked nor expired."""
    claims_per_hour: float = Field(default=20, gt=0)
    """Steps of claims that one address may take in an hour, in the long run and at once."""
    dns_resolver: IPvAnyAddress | None = None
    """Address of the resolver that is asked for the proof of a claim; none offers no claims by DNS."""
    dns_port: int = Field(default=53, ge=1, le=65535)
    dns_timeout: float = Field(default=3.0, gt=0, le=10)
    smtp_host: str | None = None
    """Relay that takes our mail; none sends none, and offers no claims by e-mail."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_starttls: bool = True
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str | None = Field(default=None, pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    """Sender of our mail; needed with a relay."""
    tsa_url: str | None = None
    """Address of the timestamp authority that every seal is shown to; none seals without timestamps."""
    tsa_seconds: float = Field(default=10, gt=0, le=120)
    """How long the timestamp authority may take."""
    tsa_required: bool = True
    """Whether a document waits for its timestamp; else it is sealed without one where the authority fails."""
    pkcs11_module: Path | None = None
    """Library of the token or security module that holds the signer's key; none takes the key's file."""
    pkcs11_token: str | None = None
    """Label of the token."""
    pkcs11_key: str | None = None
    """Label of the signer's private key in it."""
    pkcs11_pin_file: Path | None = None
    """File that holds the PIN."""
    match_url: str | None = None
    """Address of a matching service that speaks yente's protocol; none asks none. Names are sent only where both the
    organisation that asks and the vendor allow it."""
    match_key: SecretStr | None = None
    match_dataset: str = Field(default="sanctions", pattern=r"^[a-z0-9_]{1,80}$")
    match_seconds: float = Field(default=20, gt=0, le=120)
    """How long the matching service may take for one step of an answer."""
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
    verifications_per_minute: int = Field(default=30, ge=1)
    """Files that one address may have verified in a minute, in the long run and at once."""
    registry_per_minute: int = Field(default=120, ge=1)
    """Requests that one address may send to the public registry in a minute, in the long run and at once."""
    job_heartbeat: float = Field(default=2.0, gt=0)
    """How often a worker says that it lives."""
    job_stale_after: float = Field(default=15.0, gt=0)
    """Silence after which a worker counts as dead and its job is given to another."""
    job_attempts: int = Field(default=5, ge=1)
    """Starts after which a job that failed, or killed its worker, each time is given up."""

    keep_drafts: Days = Days(default=365, least=30, most=1825)
    """How long a draft stays that was never sealed, from its due date or last save, whichever is later."""
    keep_access_records: Days = Days(default=1095, least=365, most=3650)
    """How long it stays written down who read a submission."""
    keep_evidence: Days = Days(default=3650, least=1095, most=7300)
    """How long the files of a sealed submission's evidence stay, from the due date of its request."""
    keep_exports: Days = Days(default=7, least=1, most=30)
    """How long an export can be fetched."""

    @field_validator("base_url", "issuer")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an http(s) address without query and fragment")
        return value.rstrip("/")

    @field_validator("tsa_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not (urlsplit(value).scheme in {"http", "https"} and urlsplit(value).hostname):
            raise ValueError("must be an http(s) address")
        return value

    @model_validator(mode="after")
    def _name_the_whole_token(self) -> Self:
        parts = (self.pkcs11_module, self.pkcs11_token, self.pkcs11_key, self.pkcs11_pin_file)
        if None in parts and any(part is not None for part in parts):
            raise ValueError(
                "pkcs11_module, pkcs11_token, pkcs11_key and pkcs11_pin_file are set together or not at all"
            )
        return self

    @field_validator("match_url")
    @classmethod
    def _plain_service(cls, value: str | None) -> str | None:
        return None if value is None else cls._plain_address(value)

    @model_validator(mode="after")
    def _refuse_insecure_production(self) -> Self:
        if self.job_stale_after < 3 * self.job_heartbeat:
            raise ValueError("job_stale_after must be at least three times job_heartbeat")
        if self.smtp_host is not None and self.mail_from is None:
            raise ValueError("mail_from must be set where smtp_host is")
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
        if self.smtp_host is not None and not self.smtp_starttls:
            found.append("ENDUSE_SMTP_STARTTLS is off (tokens of claims would pass in the clear)")
        if self.match_url is not None and not self.match_url.startswith("https://") and not _is_local(self.match_url):
            found.append("ENDUSE_MATCH_URL is not https (names would pass in the clear)")
        return found


def warn_of_insecurities(settings: Settings) -> None:
    """Say aloud, one warning for each, what this development service would be refused for in production."""
    for problem in settings.insecurities():
        log.warning("development only: %s", problem)
