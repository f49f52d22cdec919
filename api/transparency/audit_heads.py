"""Use cases of audit heads: what anchors every organisation's audit log outside the database that holds it.

Invariants: the heads of a day go into the log together, once, in one transaction; the log's entry names nobody; an
organisation reads its own head, with all that proves it.
"""

import base64
import secrets
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.audit.models import AuditEntry
from api.db.session import Sessions, TenantSession, in_the_name_of, unit_of_work
from api.identity.service import list_ids
from api.ids import TenantId
from api.settings import Settings
from api.transparency.models import AuditHeadRow, LogEntry
from api.transparency.published import PublishedHead
from api.transparency.service import enter, prove_inclusion, take_turn
from attestations import leaf_tree
from attestations.audit_anchor import Anchor, AuditHead
from attestations.record import Event
from attestations.transparency.entries import AuditHeads, write_entry
from attestations.transparency.proofs import Proof

SALT_BYTES = 16
_NOTING = 8_230_419
"""Name of an advisory lock, arbitrary."""


def note_heads(sessions: Sessions, settings: Settings) -> None:  # noqa: ARG001  # what the scheduler passes
    """Put the heads of yesterday, which are those of now, into the log, unless they are there."""
    day = clock.today() - timedelta(days=1)
    with unit_of_work(sessions, None) as session:
        take_turn(session, _NOTING)
        heads = _heads(session, day)
        if heads is None:
            return
        leaves = [head.leaf for head in heads]
        entry = AuditHeads(day=day.isoformat(), count=len(heads), root=leaf_tree.root_of(leaves))
        for head in heads:
            index, path = leaf_tree.prove(leaves, head.leaf)
            tenant = UUID(head.tenant)
            with in_the_name_of(session, TenantId(tenant)):
                session.add(
                    AuditHeadRow(
                        tenant_id=tenant, day=day, seq=head.seq, digest=head.digest, salt=head.salt, index=index,
                        path=[base64.b64encode(hash_).decode() for hash_ in path], entry=write_entry(entry),
                    )
                )  # fmt: skip
        enter(session, entry)
        session.commit()


def find_anchor(session: Session, published: PublishedHead, tenant: TenantId, day: date | None) -> Anchor | None:
    """Return the anchor of a day, or the newest, of the session's own tenant that the published log holds; or None."""
    note, head = published.read(), published.head()
    query = select(AuditHeadRow).where(AuditHeadRow.tenant_id == tenant)
    if day is not None:
        query = query.where(AuditHeadRow.day == day)
    row = session.scalars(query.order_by(AuditHeadRow.day.desc()).limit(1)).one_or_none()
    if row is None or note is None or head is None:
        return None
    entered = select(LogEntry.number).where(LogEntry.entry == row.entry, LogEntry.number < head.size)
    number = session.scalars(entered.order_by(LogEntry.number).limit(1)).one_or_none()
    if number is None:
        return None
    proof = Proof(number, tuple(prove_inclusion(session, number, head.size)), note)
    shown = AuditHead(
        tenant=str(row.tenant_id), day=row.day.isoformat(), seq=row.seq, digest=row.digest, salt=row.salt
    )  # fmt: skip
    event = Event(entry=row.entry.decode(), proof=proof.text())
    return Anchor(head=shown, index=row.index, path=tuple(row.path), event=event)


def _heads(session: TenantSession, day: date) -> list[AuditHead] | None:
    """Return the head of every organisation that has one, salted anew; None where the day is noted, or has none."""
    heads = []
    for tenant in list_ids(session):
        with in_the_name_of(session, TenantId(tenant)):
            if session.get(AuditHeadRow, (tenant, day)) is not None:
                return None
            last = session.execute(
                select(AuditEntry.seq, AuditEntry.digest)
                .where(AuditEntry.tenant_id == tenant)
                .order_by(AuditEntry.seq.desc())
                .limit(1)
            ).one_or_none()
        if last is not None:
            salt = base64.urlsafe_b64encode(secrets.token_bytes(SALT_BYTES)).rstrip(b"=").decode()
            heads.append(
                AuditHead(tenant=str(tenant), day=day.isoformat(), seq=last.seq, digest=last.digest, salt=salt)
            )
    return heads or None
