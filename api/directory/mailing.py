"""Mails the token of a claim: the job, and the relay that it hands the mail to.

Invariants: the row of the claim is the outbox, and no row ever holds a token: the job makes it, keeps its digest, and
only then sends it, so that a job that runs again sends a new token and the one before is void; the address is made of
the directory's domain and a mailbox of a closed list, never of text that a stranger sent.
"""

import secrets
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Protocol
from uuid import UUID

from sqlalchemy import update

from api import clock
from api.db.session import Sessions, TenantSession, unit_of_work
from api.directory.claims import find_claimable
from api.directory.models import Claim
from api.identity.credentials import SECRET_BYTES, digest_of
from api.ids import TenantId
from api.limits import Limit, take
from api.problems import Refusal
from api.settings import Settings

TIMEOUT = 20.0
PER_RECORD = Limit(5 / 86_400, 5)
"""Mails to one record's mailboxes: five, and then five a day."""
TEXT = """Somebody wants to run the entry of your organisation in Enduse, at {service},
and named this mailbox. If that was you, complete the claim with these values:

organisation: {organisation}
claim:        {claim}
token:        {token}

The token is valid until {until}. Whoever has it becomes your organisation's administrator
there: hand it on to nobody. If it was not you, do nothing, and delete this mail.
"""


class Mailer(Protocol):
    """Hands mail on."""

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Hand one mail over; raise OSError (smtplib's errors are such) where that failed."""


class Relay:
    """A relay that speaks SMTP."""

    def __init__(self, settings: Settings) -> None:
        """Take the relay of the settings; there must be one."""
        assert settings.smtp_host is not None
        assert settings.mail_from is not None
        self._settings, self._host, self._sender = settings, settings.smtp_host, settings.mail_from

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Hand one mail over, encrypted unless the settings say otherwise."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, recipient, subject
        mail["Date"] = format_datetime(clock.now())
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        with smtplib.SMTP(self._host, self._settings.smtp_port, timeout=TIMEOUT) as connection:
            if self._settings.smtp_starttls:
                connection.starttls(context=ssl.create_default_context())
            if self._settings.smtp_user is not None and self._settings.smtp_password is not None:
                connection.login(self._settings.smtp_user, self._settings.smtp_password.get_secret_value())
            connection.send_message(mail)


def mail_claim(sessions: Sessions, settings: Settings, *, tenant: UUID, claim: UUID) -> None:
    """Mail a new token of a claim, unless that was done, or there is nobody to mail it to."""
    if settings.smtp_host is not None:
        deliver(sessions, Relay(settings), settings.base_url, TenantId(tenant), claim)


def deliver(sessions: Sessions, mailer: Mailer, service: str, tenant: TenantId, claim_id: UUID) -> None:
    """Mail a new token of a claim through a mailer."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    with unit_of_work(sessions, tenant) as session:
        claim, domain = _addressed(session, tenant, claim_id)
        if claim is None or domain is None:
            return
        _set(session, claim, token_digest=digest_of(token), domain=domain)
        session.commit()
    until = claim.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    text = TEXT.format(service=service, organisation=tenant, claim=claim.id, token=token, until=until)
    mailer.send(f"{claim.mailbox}@{domain}", "Your organisation's entry in Enduse", text)
    with unit_of_work(sessions, tenant) as session:
        _set(session, claim, mailed_at=clock.now())
        session.commit()


def _addressed(session: TenantSession, tenant: TenantId, claim_id: UUID) -> tuple[Claim | None, str | None]:
    """Return the claim and the domain that it is to be mailed to, if it is."""
    claim = session.get(Claim, (tenant, claim_id))
    if claim is None or claim.mailbox is None or claim.mailed_at is not None or claim.expires_at <= clock.now():
        return None, None
    organisation = find_claimable(session, tenant)
    if organisation is None:
        return None, None
    if claim.token_digest is None:  # the first attempt counts
        try:
            take(session, f"claim-mail:{organisation.id}", PER_RECORD)
        except Refusal:
            return None, None
    return claim, organisation.domain


def _set(session: TenantSession, claim: Claim, **values: object) -> None:
    mine = (Claim.tenant_id == claim.tenant_id, Claim.id == claim.id)
    session.execute(update(Claim).where(*mine).values(**values))
