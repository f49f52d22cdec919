"""Two investors that know one vendor, an installation with a resolver and a relay, both real servers on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import TestDatabase
from tests.directory.servers import Mailboxes, NameServer
from tests.service import Party, Service, serving


@pytest.fixture
def investor(service: Service) -> Party:
    return service.organisation("Aster", "investor")


@pytest.fixture
def other(service: Service) -> Party:
    return service.organisation("Basil", "investor")


@pytest.fixture
def issuer(equipped: Service) -> Party:
    """Return an investor of the installation that asks the DNS and sends mail."""
    return equipped.organisation("Aster", "investor")


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Give a DNS server that knows what a test tells it."""
    with NameServer() as server:
        yield server


@pytest.fixture
def mailboxes() -> Iterator[Mailboxes]:
    """Give an SMTP server that keeps what it gets."""
    with Mailboxes() as server:
        yield server


@pytest.fixture
def equipped(
    database: TestDatabase, tmp_path: Path, names: NameServer, mailboxes: Mailboxes
) -> Iterator[Service]:  # fmt: skip
    """Give an installation that asks the DNS and sends mail."""
    settings = {
        "dns_resolver": "127.0.0.1", "dns_port": names.port, "dns_timeout": 2.0, "smtp_host": "127.0.0.1",
        "smtp_port": mailboxes.port, "smtp_starttls": False, "mail_from": "enduse@operator.example",
    }  # fmt: skip
    with serving(database.app_url, tmp_path / "data", **settings) as found:
        found.superuser_url = database.superuser_url
        yield found
