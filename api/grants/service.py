"""Use cases of grants.

Invariants: only the vendor grants, and only what is sealed; below the whole a grant shows a copy made when it was made,
and the submission itself stays unseen; a grant that has expired or is revoked is not there for its grantee. Grants of
attestations are made above this package, and listed, read and taken back here like all others.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from api import clock, ids
from api.assessments.service import Assessment, assess_submission
from api.audit.service import record
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.grants.schemas import GrantIn
from api.http.paging import page_of
from api.identity.models import Organisation
from api.identity.service import read_organisation
from api.ids import TenantId
from api.problems import Flaw, Refusal, not_found
from api.submissions.models import AccessGrant, AccessRecord
from api.submissions.service import SEALING, VENDOR, WHOLE, read_sealed
from api.tenancy import Principal, tenant_of
from questionnaires.documents import AnswerKey, iterate
from questionnaires.scoring import result_of
from questionnaires.sharing import all_but, only_sections

BOUNDS = ("band", "band_low", "residual", "residual_low", "rated")


def make(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission_id: UUID, asked: GrantIn
) -> AccessGrant:
    """Show one's own sealed submission, or a copy of a part, to another organisation."""
    submission = read_sealed(session, principal, submission_id)
    if submission.tenant_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the vendor whose submission it is grants access.")
    assessment = assess_submission(session, catalogue, submission)
    grantee, party_flaws = check_grantee(session, submission.tenant_id, asked.grantee, asked.expires_at)
    flaws = [*party_flaws, *_level_flaws(assessment, asked)]
    if flaws or grantee is None:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    made = AccessGrant(
        tenant_id=submission.tenant_id, id=ids.uuid7(), submission_id=submission.id, grantee_id=grantee.id,
        purpose=asked.purpose, level=asked.level, shown=_copy(assessment, asked), granted_at=clock.now(),
        expires_at=asked.expires_at, revoked_at=None, made_by=VENDOR,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, principal, "grant.make", made.id)
    return made


def revoke(session: TenantSession, principal: Principal, id_: UUID) -> AccessGrant:
    """Take a grant back, at once and for good; a second time changes nothing. What sealing granted stays."""
    query = select(AccessGrant).where(AccessGrant.tenant_id == tenant_of(principal), AccessGrant.id == id_)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise not_found()
    if found.made_by == SEALING:
        raise Refusal("conflict", "You answered the request by sealing; its issuer keeps seeing what it asked for.")
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        session.flush()
        record(session, principal, "grant.revoke", found.id)
    return found


def read(session: TenantSession, principal: Principal, id_: UUID) -> AccessGrant:
    """Return a grant that the caller made, or that is live and made to the caller."""
    me = tenant_of(principal)
    for own in (AccessGrant.tenant_id == me, AccessGrant.grantee_id == me):
        found = session.scalars(select(AccessGrant).where(AccessGrant.id == id_, own)).one_or_none()
        if found is not None:
            return found
    raise not_found()


def list_grants(
    session: TenantSession, principal: Principal, side: str, limit: int, after: UUID | None
) -> Sequence[AccessGrant]:
    """Return a page of the grants `made` by the caller or `received`, and one row more."""
    column = AccessGrant.tenant_id if side == "made" else AccessGrant.grantee_id
    query = select(AccessGrant).where(column == tenant_of(principal))
    return session.scalars(page_of(query, AccessGrant.id, limit, after)).all()


def list_readings(
    session: TenantSession, principal: Principal, submission_id: UUID, limit: int, after: UUID | None
) -> Sequence[AccessRecord]:
    """Return a page of who read what of one's own submission, and one row more."""
    submission = read_sealed(session, principal, submission_id)
    if submission.tenant_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the vendor whose submission it is sees who read it.")
    query = select(AccessRecord).where(
        AccessRecord.tenant_id == submission.tenant_id, AccessRecord.submission_id == submission.id
    )
    return session.scalars(page_of(query, AccessRecord.id, limit, after)).all()


def check_grantee(
    session: TenantSession, owner: UUID, grantee: UUID, expires_at: datetime | None
) -> tuple[Organisation | None, list[Flaw]]:
    """Return whom a grant is for, and what is wrong with it; a record, which nobody runs, is granted nothing."""
    flaws, found = [], None
    with suppress(Refusal):
        found = read_organisation(session, grantee)
    if found is None or found.claimed_at is None:
        flaws.append(Flaw("/grantee", "unknown_organisation", "Name an organisation of the directory."))
    if found is not None and found.id == owner:
        flaws.append(Flaw("/grantee", "oneself", "A vendor sees its own submission already."))
    if expires_at is not None and expires_at <= clock.now():
        flaws.append(Flaw("/expires_at", "past", "Choose a moment that lies ahead."))
    return found, flaws


def _level_flaws(assessment: Assessment, asked: GrantIn) -> list[Flaw]:
    known = {section.code for section in assessment.inputs.questionnaire.sections}
    answered = {key for _, key, _ in iterate(assessment.scorecard.document)}
    flaws = [
        Flaw(f"/sections/{index}", "unknown_section", "Name a section of the questionnaire by its letter.")
        for index, code in enumerate(asked.sections)
        if code not in known
    ]
    flaws += [
        Flaw(f"/withheld/{index}", "not_answered", "Only an answer that was given can be withheld.")
        for index, about in enumerate(asked.withheld)
        if AnswerKey(about.question, about.row or "") not in answered
    ]
    for name, level in (("sections", "sections"), ("withheld", "unwithheld")):
        if bool(getattr(asked, name)) != (asked.level == level):
            flaws.append(Flaw(f"/{name}", "level", f"The level {level} needs this, and no other level takes it."))
    return flaws


def _copy(assessment: Assessment, asked: GrantIn) -> dict[str, Any] | None:
    """Return what a grant below the whole shows."""
    if asked.level == WHOLE:
        return None
    company, document = result_of(assessment.scorecard)["company"], assessment.scorecard.document
    answers = None
    if asked.level == "sections":
        answers = only_sections(assessment.inputs.questionnaire, document, asked.sections)
    elif asked.level == "unwithheld":
        answers = all_but(document, {AnswerKey(about.question, about.row or "") for about in asked.withheld})
    return {
        "result": {name: company[name] for name in BOUNDS},
        "deployments": company["deployments"],
        "assessed_on": assessment.inputs.on.isoformat(),
        "answers": answers,
    }


def revoke_all(session: TenantSession, tenant: TenantId) -> int:
    """Take back every grant that an organisation made itself; return how many there were. Commits nothing."""
    query = update(AccessGrant).where(
        AccessGrant.tenant_id == tenant, AccessGrant.revoked_at.is_(None), AccessGrant.made_by == VENDOR
    )
    return len(session.scalars(query.values(revoked_at=clock.now()).returning(AccessGrant.id)).all())
