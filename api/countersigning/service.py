"""Use cases of countersignatures.

Invariants: only the vendor of whom an attestation speaks declares, only an auditor to whom it is granted and who is no
party gives assurance, and only its maker withdraws; nothing is changed or removed, so that a file holds all that was
ever said, and the vendor sees who read it.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from api import clock
from api.attesting.granting import note_reading
from api.attesting.models import Attestation
from api.attesting.revoking import find_revocation
from api.attesting.service import read_attestation
from api.audit.service import Action, record
from api.countersigning.contents import assurance_of, declaration_of
from api.countersigning.keeping import (
    WITHDRAWAL,
    Act,
    Means,
    Place,
    content_of,
    find_standing,
    find_withdrawal,
    holder_of,
    keep,
    require_room,
    verify_own_signature,
    wait_for_turn,
)
from api.countersigning.models import Countersignature
from api.countersigning.schemas import AssuranceIn, CountersignatureIn, OwnSignatureIn
from api.db.session import TenantSession
from api.identity.service import names_of
from api.problems import Refusal, not_found
from api.tenancy import Principal, tenant_of
from attestations import bundle as bundles
from attestations import in_toto
from attestations.bundle import Bundle
from attestations.countersignatures import file as files
from attestations.countersignatures.acts import build_index, subject_of
from attestations.countersignatures.contents import Assurance, Declaration, Withdrawal
from attestations.countersignatures.own_signature import Holder
from attestations.countersignatures.verifying import Attested, attested_by
from attestations.envelope import IN_TOTO_TYPE
from attestations.signing import Signer
from attestations.statement import format_instant
from questionnaires.canonical import digest_bytes

DECLARATION, ASSURANCE = "declaration", "assurance"


class Taken(NamedTuple):
    """A declaration or assurance that is kept, what its own signature proves, and its withdrawal."""

    row: Countersignature
    holder: Holder | None
    withdrawal: Countersignature | None


def prepare_declaration(
    session: TenantSession, principal: Principal, id_: UUID, asked: CountersignatureIn
) -> Declaration:
    """Return what the vendor's officer would declare."""
    return declaration_of(_open(_spoken_of(session, principal, id_))[0], asked)


def prepare_assurance(session: TenantSession, principal: Principal, id_: UUID, asked: AssuranceIn) -> Assurance:
    """Return what the auditor would assure."""
    return _assurance(session, principal, _audited(session, principal, id_), asked)


def declare(session: TenantSession, principal: Principal, means: Means, id_: UUID, asked: CountersignatureIn) -> Taken:
    """Keep an officer's declaration. The same once more returns the one that stands."""
    attestation = _spoken_of(session, principal, id_)
    content = declaration_of(_open(attestation)[0], asked)
    return _take(session, principal, means, attestation, content, asked.own_signature)


def assure(session: TenantSession, principal: Principal, means: Means, id_: UUID, asked: AssuranceIn) -> Taken:
    """Keep an auditor's assurance. The same once more returns the one that stands."""
    attestation = _audited(session, principal, id_)
    content = _assurance(session, principal, attestation, asked)
    return _take(session, principal, means, attestation, content, asked.own_signature)


def withdraw(session: TenantSession, principal: Principal, means: Means, id_: UUID, reason: str | None) -> Taken:
    """Withdraw one's own declaration or assurance, for good, also once the grant is over. Twice changes nothing."""
    row = session.get(Countersignature, (tenant_of(principal), id_))
    if row is None or row.kind == WITHDRAWAL:
        raise not_found()
    person = _person(principal)
    wait_for_turn(session, row.attestation_id)
    found = find_withdrawal(session, row)
    if found is None:
        entry = files.read_entry(row.entry)
        said = content_of(entry)
        content = Withdrawal(
            statement=said.statement, attestation=said.attestation, organisation=said.organisation,
            entry=entry.digest, reason=reason,
        )  # fmt: skip
        act = Act(WITHDRAWAL, subject_of(entry.envelope.payload_bytes), content, None, person, row.id)
        found = keep(session, means.signer, row.tenant_id, Place.of(row), act, clock.now())
        record(session, principal, "countersignature.withdraw", row.id, after=digest_bytes(found.entry))
    return Taken(row, holder_of(row, means), found)


def read_file(session: TenantSession, principal: Principal, signer: Signer, id_: UUID) -> bytes:
    """Return the file of all that stands beside an attestation that the caller may read, as of now.

    The vendor is told of a grantee's reading.
    """
    attestation = read_attestation(session, principal, id_)
    attested, _ = _open(attestation)
    query = select(Countersignature.entry).where(
        Countersignature.attestation_tenant_id == attestation.tenant_id, Countersignature.attestation_id == id_
    )
    entries = [files.read_entry(entry) for entry in session.scalars(query.order_by(Countersignature.seq))]
    now = format_instant(clock.now())
    index = build_index(attested.subject, now, attested.digest, [entry.digest for entry in entries])
    data = files.build([entry.to_json() for entry in entries], signer.sign_envelope(index, IN_TOTO_TYPE))
    note_reading(session, principal, attestation, "countersignatures")
    return data


def _take(  # noqa: PLR0913, PLR0917  # who says what about which attestation, signed how
    session: TenantSession,
    principal: Principal,
    means: Means,
    attestation: Attestation,
    content: Declaration | Assurance,
    own: OwnSignatureIn | None,
) -> Taken:
    declared = isinstance(content, Declaration)
    act = Act(
        DECLARATION if declared else ASSURANCE, subject_of(attestation.statement), content, own, _person(principal)
    )
    if find_revocation(session, attestation) is not None:
        raise Refusal("conflict", "The attestation is revoked: nothing more is said about it.")
    place = Place(attestation.tenant_id, attestation.id, attestation.respondent_id, attestation.submission_id)
    wait_for_turn(session, attestation.id)
    row = find_standing(session, tenant_of(principal), place, act.digest)
    if row is None:
        require_room(session, tenant_of(principal), place)
        at = clock.now()
        if own is not None:
            verify_own_signature(own, content, at, means)
        row = keep(session, means.signer, tenant_of(principal), place, act, at)
        action: Action = "countersignature.declare" if declared else "countersignature.assure"
        record(session, principal, action, row.id, after=digest_bytes(row.entry))
    return Taken(row, holder_of(row, means), None)


def _assurance(session: TenantSession, principal: Principal, attestation: Attestation, asked: AssuranceIn) -> Assurance:
    me = tenant_of(principal)
    attested, bundle = _open(attestation)
    return assurance_of(attested, bundle, {"id": str(me), "name": names_of(session, {me})[me]}, asked)


def _spoken_of(session: TenantSession, principal: Principal, id_: UUID) -> Attestation:
    attestation = read_attestation(session, principal, id_)
    if attestation.respondent_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the vendor of whom it speaks declares.")
    return attestation


def _audited(session: TenantSession, principal: Principal, id_: UUID) -> Attestation:
    attestation = read_attestation(session, principal, id_)
    if tenant_of(principal) in {attestation.tenant_id, attestation.respondent_id}:
        raise Refusal("forbidden", "Who is a party of an attestation gives no assurance of it.")
    return attestation


def _open(attestation: Attestation) -> tuple[Attested, Bundle]:
    """Return what an attestation says and its bundle; refuse one of version 1, which has nothing to stand beside."""
    bundle = bundles.parse(attestation.bundle)
    if bundle.format != bundles.FORMAT_2:
        raise Refusal("conflict", "This attestation is of version 1: have it issued anew.")
    return attested_by(bundle, in_toto.parse(attestation.statement)), bundle


def _person(principal: Principal) -> str:
    if principal.person is None:
        raise Refusal("invalid", "Name the acting person in the header Enduse-Acting-Person.")
    return principal.person
