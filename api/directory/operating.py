"""What operators do to the directory: correct an entry, approve a claim, merge two entries, each with a reason.

Invariants: the reason is kept, and the audit log holds its digest; a merge is told on the chains of both entries, of
the operator, and of every investor whose waiting request moved.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from api import clock, ids
from api.audit.service import Action, record
from api.db.session import TenantSession, in_the_name_of
from api.directory.models import DirectoryAct
from api.directory.schemas import CorrectionIn
from api.http.paging import page_of
from api.identity import clients
from api.identity.clients import Registration
from api.identity.models import Client, Organisation
from api.identity.service import columns_of, correct, read_organisation
from api.ids import OrganisationId
from api.problems import Flaw, Refusal
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest

Act = Literal["correct", "approve", "merge"]
Proof = Literal["operator", "dns", "email"]
ACTIONS: dict[Act, Action] = {
    "correct": "organisation.correct", "approve": "organisation.approve", "merge": "organisation.merge",
}  # fmt: skip
REFUSED = {
    "merge_parties": "Name two entries that stand by themselves; the one that stays needs every role of the other.",
    "merge_acted": "Somebody runs the entry that would go, or did: only a record that never acted can be merged.",
    "merge_identifiers": "The two have different LEIs or register numbers: they are two, or one is to be corrected.",
    "merge_own_request": "The entry that stays has itself issued a request to the other: nobody can answer themselves.",
    "parent_circle": "One stands above the other by way of a third: correct the parents first.",
}


class Taken(NamedTuple):
    """An organisation that somebody has begun to run, and its first client with its secret."""

    organisation: Organisation
    client: Client
    secret: str | None


def correct_entry(session: TenantSession, principal: Principal, id_: UUID, asked: CorrectionIn) -> Organisation:
    """Correct an entry, with a reason."""
    organisation = read_organisation(session, id_)
    given = asked.model_fields_set - {"reason"}
    if "name" in given and asked.name is None:
        flaw = Flaw("/name", "needed", "An entry keeps a name: give the right one.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])
    changes: dict[str, object] = {name: getattr(asked, name) for name in given & {"name", "country", "lei"}}
    if "register_" in given:
        changes |= columns_of(asked.register_)
    if "parent" in given:
        changes["parent_id"] = asked.parent
    if "domain" in given:
        changes |= {
            "domain": asked.domain, "domain_by": "operator" if asked.domain else None, "domain_contested": False,
        }  # fmt: skip
    correct(session, organisation, changes)
    note(session, principal, "correct", organisation.id, asked.reason)
    return organisation


def approve(session: TenantSession, principal: Principal, id_: UUID, reason: str, asked: Registration) -> Taken:
    """Give a record to whoever convinced the operator."""
    organisation = read_organisation(session, id_)
    taken = take_over(session, organisation, "operator", asked)
    note(session, principal, "approve", organisation.id, reason)
    return taken


def take_over(session: TenantSession, organisation: Organisation, proof: Proof, asked: Registration) -> Taken:
    """Let a record be run from now on, and give its first client; refuse where somebody runs it already."""
    tenant = OrganisationId(organisation.id)
    with in_the_name_of(session, tenant):
        free = (Organisation.id == tenant, Organisation.claimed_at.is_(None), Organisation.merged_into.is_(None))
        change = update(Organisation).where(*free).values(claimed_at=clock.now(), proof=proof)
        if session.execute(change.returning(Organisation.id)).one_or_none() is None:
            raise Refusal("conflict", "Somebody runs this organisation already: its administrators create clients.")
        session.refresh(organisation)
        client, secret = clients.create_first(session, organisation, asked)
        record(session, None, "organisation.claim", tenant)
    return Taken(organisation, client, secret)


def merge_with_reason(session: TenantSession, principal: Principal, gone: UUID, into: UUID, reason: str) -> int:
    """Merge a record into another entry; return how many waiting requests moved."""
    kept = read_organisation(session, into)
    read_organisation(session, gone)
    moved = merge(session, principal, gone, kept.id)
    note(session, principal, "merge", gone, reason, kept.id)
    return moved


def merge(session: TenantSession, principal: Principal, gone: UUID, kept: UUID) -> int:
    """Merge a record into another entry; return how many waiting requests moved with their drafts.

    The transaction is an operator's, or the record's own.
    """
    query = text("select issuer, request from merge_record(:gone, :kept)")
    try:
        moved = session.execute(query, {"gone": gone, "kept": kept}).all()
    except IntegrityError as error:
        reason = REFUSED.get(getattr(getattr(error.orig, "diag", None), "constraint_name", None) or "")
        if reason is None:
            raise
        raise Refusal("conflict", reason) from None
    session.expire_all()
    told: list[tuple[UUID, Action, UUID]] = [(row.issuer, "request.move", row.request) for row in moved]
    told += [(gone, "organisation.merge", gone), (kept, "organisation.merge", gone)]
    for chain, action, thing in sorted(told):  # in one order, so that two merges do not wait for one another
        with in_the_name_of(session, OrganisationId(chain)):
            record(session, principal, action, thing)
    return len(moved)


def note(  # noqa: PLR0913, PLR0917  # who did what to which, why
    session: TenantSession, principal: Principal, act: Act, organisation: UUID, reason: str, into: UUID | None = None
) -> None:
    """Keep an operator's act with its reason, and tell it on the operator's chain."""
    made = DirectoryAct(
        tenant_id=tenant_of(principal), id=ids.uuid7(), act=act, organisation_id=organisation, into_id=into,
        reason=reason, at=clock.now(), client_id=principal.client, person=principal.person,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, principal, ACTIONS[act], organisation, after=digest({"reason": reason, "act": str(made.id)}))


def list_acts(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[DirectoryAct]:
    """Return a page of the acts of the caller's own organisation, newest first, and one row more."""
    query = select(DirectoryAct).where(DirectoryAct.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, DirectoryAct.id, limit, after)).all()
