"""Erasure of a person's data, or of all that may go of an organisation.

Invariants: one transaction; asked for by a client of the organisation itself; told in the audit log by a salted digest,
never by the name; what is part of a sealed submission or a signed attestation stays, and the report says so; files go
after the transaction, by the caller, or by the sweep where the caller dies.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.audit.erasing import erase_persons
from api.audit.service import SALT_BYTES, commit, count_objects, record
from api.break_glass.erasing import erase_people
from api.campaigns.service import erase_notes
from api.contexts.service import erase_maker
from api.countersigning.erasing import erase_countersigner
from api.db.session import TenantSession
from api.definitions.drafts import DRAFTS as QUESTIONNAIRES
from api.definitions.reading import count_published
from api.directory.erasing import count_claims, erase_actor, forget_claims
from api.evidence.erasing import erase_names, erase_reviewer
from api.grants import service as grants
from api.http.paging import page_of
from api.identity.erasing import erase_client_names, revoke_all
from api.ids import TenantId
from api.overlays.drafts import DRAFTS as OVERLAYS
from api.overlays.reading import count_overlays
from api.privacy.models import DataExport, Erasure
from api.privacy.retention import delete_exports
from api.privacy.schemas import ErasureIn
from api.problems import Flaw, Refusal, not_found
from api.publication.erasing import end_all, end_naming
from api.reviews.erasing import erase_decider, erase_replier
from api.screening.service import erase_persons as erase_persons_of_screenings
from api.submissions.erasing import count_declarations, empty_drafts, erase_reader, erase_writer
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest

DRAFTS_AT_ONCE = 20
DECLARED = (
    "Who declared the answers is part of the sealed submission, and of every attestation signed about it. The investor "
    "relied on that declaration, and the one who made it may have to answer for it in a dispute: keeping it serves to "
    "establish, exercise or defend legal claims. Changing it would also break the signature for everybody."
)
LAID = "Those published stay: assessments that are kept name them by digest."
PUBLISHED = "What was published stays: answers and attestations name it by its digest."
SHOWN = "Withdrawn from the public registry, which shows nothing of it but the day."
ATTESTED = "What was sealed and attested is the other side's evidence too, and is kept for legal claims."
DIRECTORY = (
    "Attestations and the other side's records name the organisation, so its entry stays, with its identifiers, and "
    "nobody can claim it; the operator can correct it, and give whoever returns a client."
)
CLAIMS = "Others once said to be this organisation. They open nothing, name nobody, and go within days."
RECORDS = "Records of vendors stay for those who ask them; nothing in a record says who made it."
RUNNING = "The access still runs, or waits; ask again when it is over, in a day and four hours at most."
FREE_TEXT = "Free text is not searched: change a draft yourself; sealed answers stay as declared."
REVOKED = "A revoked client can no longer be changed by the service; ask the operator."


class Made(NamedTuple):
    """An erasure, the salt of its subject, and the digests of files that may have lost their last name."""

    erasure: Erasure
    salt: str
    files: Sequence[str]


class Outcome(NamedTuple):
    """What became of one place."""

    place: str
    went: int
    stays: int = 0
    why: str = ""


def erase(session: TenantSession, principal: Principal, asked: ErasureIn) -> Made:
    """Erase what was asked for; the caller commits, and removes the files then."""
    _refuse_flawed(principal, asked)
    tenant, id_, at = tenant_of(principal), ids.uuid7(), clock.now()
    subject = asked.person if asked.person is not None else str(tenant)
    salt = secrets.token_hex(SALT_BYTES)
    # The acting person would stand in the very entries that tell of their erasure.
    actor = replace(principal, person=None if asked.person in {None, principal.person} else principal.person)
    outcomes, files = _erase_person(session, tenant, asked.person), list[str]()
    if asked.what == "organisation":
        outcomes += _erase_organisation(session, tenant, files)
    outcomes.append(_drop_exports(session, tenant, files))
    outcomes.insert(0, Outcome("audit_entry.person", erase_persons(session, actor, id_, asked.person)))
    report = [outcome._asdict() for outcome in outcomes]
    made = Erasure(
        tenant_id=tenant, id=id_, client_id=principal.client, asked_at=at, what=asked.what,
        subject_digest=commit(subject, salt), reason=asked.reason, report=report,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, actor, "erasure.make", id_, before=commit(subject, salt), after=digest(report))
    return Made(made, salt, files)


def read(session: TenantSession, principal: Principal, id_: UUID) -> Erasure:
    """Return an erasure of the caller's organisation."""
    found = session.get(Erasure, (tenant_of(principal), id_))
    if found is None:
        raise not_found()
    return found


def list_erasures(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[Erasure]:
    """Return a page of one's own erasures, and one row more."""
    query = select(Erasure).where(Erasure.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, Erasure.id, limit, after)).all()


def _refuse_flawed(principal: Principal, asked: ErasureIn) -> None:
    flaws = [
        Flaw(f"/{name}", "what", f"The erasure of a {name} needs this, and no other takes it.")
        for name in ("person", "organisation")
        if (getattr(asked, name) is not None) != (asked.what == name)
    ]
    if asked.organisation is not None and asked.organisation != tenant_of(principal):
        flaws.append(Flaw("/organisation", "oneself", "Repeat the id of your own organisation."))
    if asked.person is not None and asked.person.casefold() in asked.reason.casefold():
        flaws.append(Flaw("/reason", "repeats", "Say why without repeating the name."))
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)


def _erase_person(session: TenantSession, tenant: TenantId, person: str | None) -> list[Outcome]:
    """Erase a person, or everybody, from what is the organisation's own."""
    declared, accesses = count_declarations(session, tenant, person), erase_people(session, person)
    outcomes = [
        Outcome("submission_revision.person", erase_writer(session, tenant, person)),
        Outcome("grading.person", erase_reviewer(session, tenant, person)),
        Outcome("review_decision.person", erase_decider(session, tenant, person)),
        Outcome("review_reply.person", erase_replier(session, tenant, person)),
        Outcome("countersignature.person", erase_countersigner(session, tenant, person)),
        Outcome("access_record.person", erase_reader(session, tenant, person)),
        Outcome("evidence.file_name", erase_names(session, tenant, person)),
        Outcome("own_context.person", erase_maker(session, tenant, person)),
        Outcome("screening", erase_persons_of_screenings(session, tenant, person)),
        Outcome("directory_act.person", erase_actor(session, tenant, person)),
        Outcome("break_glass_access", accesses.went, accesses.stays, RUNNING if accesses.stays else ""),
        Outcome("submission.sealed", 0, declared, DECLARED if declared else ""),
    ]
    if person is not None:
        ended = end_naming(session, tenant, person)
        outcomes.append(Outcome("registry_entry", ended, 0, SHOWN if ended else ""))
        went, stays = erase_client_names(session, tenant, person)
        outcomes.append(Outcome("oauth_client.name", went, stays, REVOKED if stays else ""))
        outcomes.append(Outcome("free text", 0, 0, FREE_TEXT))
    return outcomes


def _erase_organisation(session: TenantSession, tenant: TenantId, files: list[str]) -> list[Outcome]:
    """Erase all else that may go of an organisation, and end its access; name the files that may go."""
    drafts, at = 0, clock.now()
    while (gone := empty_drafts(session, tenant, DRAFTS_AT_ONCE, at)).ids:
        drafts += len(gone.ids)
        files += gone.files
    return [
        Outcome("submission.answers", drafts, count_declarations(session, tenant, None), ATTESTED),
        Outcome("disclosure_request.note", erase_notes(session, tenant)),
        Outcome(
            "questionnaire_draft",
            QUESTIONNAIRES.erase_all(session, tenant),
            count_published(session, tenant),
            PUBLISHED,
        ),
        Outcome("registry_entry", end_all(session, tenant), 0, SHOWN),
        Outcome("overlay_draft", OVERLAYS.erase_all(session, tenant), count_overlays(session, tenant), LAID),
        Outcome("access_grant", grants.revoke_all(session, tenant), 0, "Revoked; copies are seen by nobody else now."),
        Outcome("oauth_client", revoke_all(session, tenant, at), 0, "Revoked, and the names erased."),
        *_leave_directory(session, tenant, at),
    ]


def _leave_directory(session: TenantSession, tenant: TenantId, at: datetime) -> list[Outcome]:
    """Let go of claims that have expired; tell what of the directory stays."""
    expired, claims = len(forget_claims(session, tenant, at)), count_claims(session, tenant)
    records = count_objects(session, tenant, "organisation.name")
    return [
        Outcome("claim", expired, claims, CLAIMS if claims else ""),
        Outcome("records named", 0, records, RECORDS if records else ""),
        Outcome("organisation", 0, 1, DIRECTORY),
    ]


def _drop_exports(session: TenantSession, tenant: TenantId, files: list[str]) -> Outcome:
    """Delete every export: it may hold what was just erased."""
    found = list(session.scalars(select(DataExport.id).where(DataExport.tenant_id == tenant)))
    gone = delete_exports(session, tenant, found)
    files += gone.files
    return Outcome("data_export", len(gone.ids))
