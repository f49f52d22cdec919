"""Signing and keeping acts, and what is told of them.

Invariants: an own signature is verified like a reader verifies it, before anything is kept; a row is written once; the
acts about one attestation come one after the other, so that their order is that of the file.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cryptography import x509
from sqlalchemy import ColumnElement, func, select, text

from api import ids
from api.countersigning.models import Countersignature
from api.countersigning.schemas import OwnSignatureIn
from api.db.session import TenantSession
from api.problems import Flaw, Refusal
from attestations.countersignatures.acts import MOST_ENTRIES, Subject, build_act, parse_act, subject_of
from attestations.countersignatures.contents import Content, content_bytes
from attestations.countersignatures.file import MAX_FILE, Entry, OwnSignatureText, read_entry
from attestations.countersignatures.own_signature import Holder, verify_own
from attestations.envelope import IN_TOTO_TYPE
from attestations.reasons import RefusedError
from attestations.signing import Signer
from attestations.statement import format_instant
from questionnaires.canonical import Digest, canonical_bytes, digest

WITHDRAWAL = "withdrawal"
MOST = 10
"""Declarations or assurances of one organisation about one attestation: nobody fills the file of all."""
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:attestation, 22))")


class Means(NamedTuple):
    """With what is signed, and whom this service trusts to name organisations."""

    signer: Signer
    roots: Sequence[x509.Certificate]


class Place(NamedTuple):
    """The attestation that an act is about, as rows name it."""

    attestation_tenant_id: UUID
    attestation_id: UUID
    respondent_id: UUID
    submission_id: UUID

    @staticmethod
    def of(row: Countersignature) -> "Place":
        """Return the place of another act."""
        return Place(row.attestation_tenant_id, row.attestation_id, row.respondent_id, row.submission_id)


class Act(NamedTuple):
    """What is to be signed and kept: the kind, on which subject, the content, the own signature, and who acted."""

    kind: str
    subject: Subject
    content: Content
    own: OwnSignatureIn | None
    person: str
    withdraws: UUID | None = None

    @property
    def digest(self) -> Digest:
        """By which the same request is known when it comes again."""
        own = None if self.own is None else self.own.model_dump()
        return digest([self.content.model_dump(mode="json"), own])


def wait_for_turn(session: TenantSession, attestation: UUID) -> None:
    """Let nobody else act about an attestation until the transaction ends."""
    session.execute(_LOCK, {"attestation": str(attestation)})


def keep(  # noqa: PLR0913, PLR0917  # who does what about which attestation, and when
    session: TenantSession, signer: Signer, tenant: UUID, place: Place, act: Act, at: datetime
) -> Countersignature:  # fmt: skip
    """Sign an act of a moment, the one as of which an own signature of it was verified, and keep it."""
    id_ = ids.uuid7()
    payload = build_act(act.subject, str(id_), format_instant(at), act.content)
    own = act.own
    entry = Entry(
        envelope=signer.sign_envelope(payload, IN_TOTO_TYPE),
        own_signature=None if own is None else OwnSignatureText(form=own.form, value=own.value),
    )
    made = Countersignature(
        tenant_id=tenant, id=id_, **place._asdict(), kind=act.kind, withdraws=act.withdraws,
        content_digest=act.digest, entry=canonical_bytes(entry.to_json()), person=act.person, made_at=at,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def find_standing(session: TenantSession, tenant: UUID, place: Place, content_digest: str) -> Countersignature | None:
    """Return the same act, if it was taken before and not withdrawn."""
    query = select(Countersignature).where(*_own(tenant, place), Countersignature.content_digest == content_digest)
    rows = session.scalars(query.order_by(Countersignature.seq.desc())).all()
    return next((row for row in rows if find_withdrawal(session, row) is None), None)


def find_withdrawal(session: TenantSession, row: Countersignature) -> Countersignature | None:
    """Return the withdrawal of an act, or None."""
    query = select(Countersignature).where(
        Countersignature.tenant_id == row.tenant_id, Countersignature.withdraws == row.id
    )
    return session.scalars(query).one_or_none()


def require_room(session: TenantSession, tenant: UUID, place: Place) -> None:
    """Refuse one more act of an organisation that has said enough, or to a file that is full."""
    said = select(func.count()).where(*_own(tenant, place), Countersignature.kind != WITHDRAWAL)
    if session.scalars(said).one() >= MOST:
        raise Refusal("conflict", f"You have spoken {MOST} times about this attestation; that is as often as one may.")
    kept = select(
        func.coalesce(func.sum(func.length(Countersignature.entry)), 0),
        func.count().filter(Countersignature.kind != WITHDRAWAL),
    ).where(
        Countersignature.attestation_tenant_id == place.attestation_tenant_id,
        Countersignature.attestation_id == place.attestation_id,
    )
    size, acts = session.execute(kept).one()
    if size > MAX_FILE // 2 or acts >= MOST_ENTRIES // 2:  # each act may be withdrawn, which is an entry too
        raise Refusal("conflict", "The file of this attestation's countersignatures is full.")


def _own(tenant: UUID, place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        Countersignature.tenant_id == tenant,
        Countersignature.attestation_tenant_id == place.attestation_tenant_id,
        Countersignature.attestation_id == place.attestation_id,
    )


def verify_own_signature(own: OwnSignatureIn, content: Content, at: datetime, means: Means) -> None:
    """Refuse an own signature that a reader would refuse."""
    try:
        verify_own(OwnSignatureText(form=own.form, value=own.value), content_bytes(content), at, means.roots)
    except RefusedError as refused:
        flaws = [Flaw("/own_signature", refused.reason.value.lower(), refused.sentence)]
        flaws += [Flaw("/own_signature/value", "form", problem) for problem in refused.problems]
        raise Refusal("invalid", "Correct every problem named in errors.", flaws) from None


def holder_of(row: Countersignature, means: Means) -> Holder | None:
    """Return whose own signature a row carries, or None where it carries none."""
    entry = read_entry(row.entry)
    if entry.own_signature is None:
        return None
    return verify_own(entry.own_signature, content_bytes(content_of(entry)), row.made_at, means.roots)


def content_of(entry: Entry) -> Content:
    """Return what an entry of our own says."""
    payload = entry.envelope.payload_bytes
    return parse_act(payload, subject_of(payload)).content
