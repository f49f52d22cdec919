"""Use cases of the audit log.

Invariants: an entry is written in the transaction of the act that it tells of, last, so that it exists exactly if the
act does and the chain is held for a moment only; it names things by id and digest and repeats no content. The chain
covers a salted digest of the acting person; the name stands beside it, where it can be erased.
"""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import cast, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from api import clock
from api.audit.models import AuditEntry
from api.db.session import TenantSession
from api.http.requests import current_request
from api.http.schemas import format_moment
from api.ids import ClientId, TenantId
from questionnaires.canonical import Digest, canonical_bytes

Action = Literal[
    "request.issue", "answers.save", "evidence.attach", "evidence.withdraw", "submission.seal", "grant.make",
    "organisation.create", "organisation.name", "organisation.correct", "organisation.claim", "organisation.approve",
    "organisation.merge", "request.move",
    "grant.revoke", "grading.record",
    "review.open", "review.reply", "review.decide", "review.settle", "review_calendar.set",
    "rescoring.ask", "rescoring.do",
    "countersignature.declare", "countersignature.assure", "countersignature.withdraw",
    "attestation.issue", "attestation.render", "attestation.revoke", "attestation.suspend", "attestation.resume",
    "publication.propose", "publication.agree", "publication.withdraw", "publication.publish",
    "client.create", "client.rotate", "client.revoke",
    "export.make", "export.render", "export.fetch", "retention.set", "retention.drafts",
    "retention.access_records", "retention.evidence", "retention.exports", "retention.credentials", "erasure.make",
    "audit.erase",
    "questionnaire.draft", "questionnaire.replace", "questionnaire.delete", "questionnaire.publish",
    "questionnaire.translate", "answers.carry",
    "overlay.draft", "overlay.replace", "overlay.delete", "overlay.publish",
    "break_glass.request", "break_glass.approve", "break_glass.read", "break_glass.end", "quota.set",
    "context.make", "screening.ask", "screening.done", "screening.failed", "screening.confirm", "screening.dismiss",
    "screening.setting",
]  # fmt: skip
"""Everything that is told. The object is the thing that the first word names; the organisation for `retention`, the
erasure for `audit`."""

PAGE = 500
VERSION = 2
SALT_BYTES = 16


class Actor(Protocol):
    """Who acts: a client of an organisation, and the person that the client names."""

    @property
    def organisation(self) -> TenantId:
        """The organisation whose client acts."""

    @property
    def client(self) -> ClientId:
        """The client."""

    @property
    def person(self) -> str | None:
        """The person, as the client names them."""


def record(  # noqa: PLR0913  # who did what to which thing, and from what to what
    session: TenantSession,
    actor: Actor | None,
    action: Action,
    object_id: UUID,
    *,
    before: Digest | None = None,
    after: Digest | None = None,
    count: int | None = None,
) -> None:
    """Lengthen the chain of the transaction's tenant; no actor is the service itself. Call it last.

    `count` says of how many things the digests speak, where it is not one.
    """
    person = actor.person if actor else None
    salt = secrets.token_hex(SALT_BYTES) if person is not None else None
    entry: dict[str, Any] = {
        "version": VERSION,
        "at": format_moment(clock.now()),
        "actor": {
            "organisation": str(actor.organisation) if actor else None,
            "client": str(actor.client) if actor else None,
            "person": commit(person, salt) if person is not None and salt is not None else None,
        },
        "action": action,
        "object": str(object_id),
        "request": str(request) if (request := current_request()) else None,
        "before": before,
        "after": after,
        "count": count,
    }
    row = {"payload": canonical_bytes(entry).decode(), "person": person, "salt": salt}
    session.execute(insert(AuditEntry).values(tenant_id=session.info["tenant"], seq=0, digest="", **row))


def commit(person: str, salt: str) -> Digest:
    """Return the salted digest of a person: of the salt and the name, each on a line."""
    return Digest("sha256:" + hashlib.sha256(f"{salt}\n{person}".encode()).hexdigest())


def list_entries(session: TenantSession, tenant: TenantId, limit: int, after: int) -> Sequence[AuditEntry]:
    """Return a page of entries in the order of the chain, those after a number, and one row more."""
    query = select(AuditEntry).where(AuditEntry.tenant_id == tenant, AuditEntry.seq > after)
    return session.scalars(query.order_by(AuditEntry.seq).limit(limit + 1)).all()


def count_objects(session: TenantSession, tenant: TenantId, action: Action) -> int:
    """Return to how many different things an organisation's chain says that something was done."""
    payload = cast(AuditEntry.payload, JSONB)
    query = select(func.count(payload["object"].astext.distinct()))
    return session.scalars(query.where(AuditEntry.tenant_id == tenant, payload["action"].astext == action)).one()


def line_of(entry: AuditEntry) -> bytes:
    """Return an entry as a line of an export, as `enduse audit` reads it."""
    line: dict[str, Any] = {"seq": entry.seq, "entry": entry.payload, "digest": entry.digest}
    if entry.person is not None:
        line["person"] = {"name": entry.person, "salt": entry.salt}
    if entry.erased_by is not None:
        line["erased_by"] = entry.erased_by
    return canonical_bytes(line) + b"\n"
