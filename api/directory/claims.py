"""Use cases of claims: somebody without a client says to be an organisation, and proves it.

Invariants: starting a claim looks at no organisation, so its answer cannot tell whether there is one, whether somebody
runs it, or whether other claims are under way; claims do not know of each other; only the digest of a token is kept,
and what is published in the DNS is that digest, so that whoever reads it cannot complete the claim; no connection to
the database is held while the DNS is asked.
"""

import hmac
import logging
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete

from api import clock, ids
from api.db.session import Sessions, TenantSession, unit_of_work
from api.directory import operating
from api.directory.models import Claim
from api.directory.resolving import LookupFailedError, Resolver
from api.directory.schemas import ClaimIn
from api.identity.clients import Registration
from api.identity.credentials import SECRET_BYTES, digest_of
from api.identity.models import Organisation
from api.identity.service import read_organisation
from api.ids import OrganisationId, TenantId
from api.jobs.queue import enqueue
from api.problems import Flaw, Refusal, not_found
from api.settings import Settings
from api.tenancy import Principal

log = logging.getLogger(__name__)

LASTS = timedelta(days=7)
LABEL = "_enduse-claim"
VALUE = "enduse-claim="
UNPROVEN = (
    "The proof was not found. Publish the TXT record below the domain that the directory has for the organisation, "
    "wait until it can be looked up, and try again; or ask the operator."
)


class Offer(NamedTuple):
    """The ways of proof that this installation offers."""

    dns: bool
    email: bool

    @classmethod
    def of(cls, settings: Settings) -> "Offer":
        """Return what the settings allow."""
        return cls(settings.dns_resolver is not None, settings.smtp_host is not None)


class Started(NamedTuple):
    """A claim and, with DNS, its token."""

    claim: Claim
    token: str | None


def start(sessions: Sessions, offer: Offer, organisation: UUID, asked: ClaimIn) -> Started:
    """Take down a claim of whatever organisation the id names."""
    _refuse_wrong(offer, asked)
    with unit_of_work(sessions, None) as session:
        session.execute(delete(Claim))  # the policy lets expired ones go, whoever's they are, and no others
        session.commit()
    token = secrets.token_urlsafe(SECRET_BYTES) if asked.method == "dns" else None
    now = clock.now()
    claim = Claim(
        tenant_id=organisation, id=ids.uuid7(), method=asked.method, mailbox=asked.mailbox,
        token_digest=None if token is None else digest_of(token), domain=None, started_at=now,
        expires_at=now + LASTS, mailed_at=None,
    )  # fmt: skip
    with unit_of_work(sessions, TenantId(organisation)) as session:
        session.add(claim)
        session.flush()
        if asked.method == "email":
            enqueue(session, "directory.mail_claim", tenant=organisation, claim=claim.id)
        session.commit()
    return Started(claim, token)


def _elsewhere(said: str, method: str, *, offered: bool) -> str:
    return f"{said}: {f'prove it by {method}, or ask' if offered else 'ask'} the operator."


def _refuse_wrong(offer: Offer, asked: ClaimIn) -> None:
    flaws = []
    if asked.method == "email" and not offer.email:
        flaws.append(Flaw("/method", "not_offered", _elsewhere("No mail is sent here", "dns", offered=offer.dns)))
    if asked.method == "dns" and not offer.dns:
        flaws.append(Flaw("/method", "not_offered", _elsewhere("No DNS is asked here", "email", offered=offer.email)))
    if (asked.method == "email") != (asked.mailbox is not None):
        flaws.append(Flaw("/mailbox", "mailbox", "Name a mailbox with email, and none with dns."))
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)


class Attempt(NamedTuple):
    """Who wants to complete which claim, with which token."""

    organisation: UUID
    claim: UUID
    token: str


def complete(
    sessions: Sessions, resolver: Resolver | None, attempt: Attempt, asked: Registration
) -> operating.Taken:  # fmt: skip
    """Give the organisation and its first client to whoever proves the claim."""
    organisation, method = _prove(sessions, resolver, attempt)
    with unit_of_work(sessions, OrganisationId(organisation.id)) as session:
        held = _still_claimable(session, organisation)
        taken = operating.take_over(session, held, method, asked)
        session.commit()
    return taken


def join(
    sessions: Sessions, resolver: Resolver | None, attempt: Attempt, principal: Principal
) -> tuple[Organisation, int]:
    """Merge the organisation into the caller's own, who proves the claim; return it and how many requests moved."""
    organisation, _ = _prove(sessions, resolver, attempt)
    with unit_of_work(sessions, OrganisationId(organisation.id)) as session:
        held = _still_claimable(session, organisation)
        moved = operating.merge(session, principal, held.id, principal.organisation)
        kept = read_organisation(session, principal.organisation)
        session.commit()
    return kept, moved


def _prove(sessions: Sessions, resolver: Resolver | None, attempt: Attempt) -> tuple[Organisation, operating.Proof]:
    """Return the organisation that is proved to be the claimer's, and how."""
    with unit_of_work(sessions, TenantId(attempt.organisation)) as session:
        claim = session.get(Claim, (attempt.organisation, attempt.claim))
        organisation = find_claimable(session, attempt.organisation)
    digest = digest_of(attempt.token)
    if claim is None or claim.expires_at <= clock.now() or not hmac.compare_digest(claim.token_digest or "", digest):
        raise not_found()
    if organisation is None:
        raise Refusal("conflict", UNPROVEN)
    if claim.method == "email":
        if claim.domain != organisation.domain:  # it was corrected since the token was mailed
            raise Refusal("conflict", UNPROVEN)
        return organisation, "email"
    if resolver is None or not _publishes(resolver, f"{LABEL}.{organisation.domain}", digest):
        raise Refusal("conflict", UNPROVEN)
    return organisation, "dns"


def _publishes(resolver: Resolver, name: str, digest: str) -> bool:
    try:
        return f"{VALUE}{digest}".encode() in {value.strip() for value in resolver.read_texts(name)}
    except LookupFailedError as error:
        log.warning("the resolver gave no answer that counts: %s", error)
        return False


def find_claimable(session: TenantSession, id_: UUID) -> Organisation | None:
    """Return the record that an id names, if its domain can be proof; None otherwise."""
    try:
        found = read_organisation(session, id_)
    except Refusal:
        return None
    free = found.claimed_at is None and found.domain is not None and not found.domain_contested
    return found if free else None


def _still_claimable(session: TenantSession, proved: Organisation) -> Organisation:
    """Return the record, locked; refuse where it, or the domain that was proved, is another by now."""
    found = session.get(Organisation, proved.id, with_for_update=True)
    if found is None or find_claimable(session, proved.id) is not found or found.domain != proved.domain:
        raise Refusal("conflict", UNPROVEN)
    return found
