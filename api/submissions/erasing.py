"""What goes of submissions: drafts whose time is over, old access records, and persons.

Invariants: a sealed submission is not touched; a draft that goes leaves its empty row, so that the request that asks
for it still leads somewhere, and the request is open no longer for who issued it; nothing here commits.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, or_, select, update

from api.campaigns.models import DisclosureRequest
from api.campaigns.service import close
from api.db.session import TenantSession
from api.evidence.erasing import drop_evidence, mark_erased
from api.evidence.models import Evidence
from api.ids import TenantId
from api.submissions.models import AccessRecord, Submission, SubmissionRevision
from questionnaires.answers import EMPTY

_REQUESTED = and_(DisclosureRequest.tenant_id == Submission.issuer_id, DisclosureRequest.id == Submission.request_id)


class Gone(NamedTuple):
    """What went: the ids of its rows, and the digests of files that may have lost their last name."""

    ids: Sequence[UUID]
    files: Sequence[str] = ()


def empty_drafts(
    session: TenantSession, tenant: TenantId, limit: int, at: datetime, overdue: tuple[date, datetime] | None = None
) -> Gone:
    """Empty up to `limit` of one's own drafts, answers, history and evidence, and close their requests.

    With `overdue`, only those that were due before the day and were not saved since the moment.
    """
    something = or_(
        DisclosureRequest.is_open,
        Submission.answers != EMPTY,
        exists().where(_of(SubmissionRevision)),
        exists().where(_of(Evidence)),
    )
    query = select(Submission).join(DisclosureRequest, _REQUESTED)
    query = query.where(Submission.tenant_id == tenant, Submission.sealed_at.is_(None), something)
    if overdue is not None:
        query = query.where(DisclosureRequest.due_on < overdue[0], Submission.saved_at < overdue[1])
    order = (Submission.issuer_id, Submission.id)  # closing takes locks in the order of issuers, over all batches
    drafts = session.scalars(query.order_by(*order).limit(limit).with_for_update(of=Submission)).all()
    ids = [draft.id for draft in drafts]
    files = drop_evidence(session, tenant, ids)
    mine = (SubmissionRevision.tenant_id == tenant, SubmissionRevision.submission_id.in_(ids))
    session.execute(delete(SubmissionRevision).where(*mine))
    for draft in drafts:
        draft.to_confirm = {}
        if draft.version:  # else nobody ever saved anything, and the record it may belong to never acted
            draft.answers, draft.version, draft.saved_at = dict(EMPTY), draft.version + 1, at
    session.flush()
    _close_requests(session, drafts)
    return Gone(ids, files)


def _close_requests(session: TenantSession, drafts: Sequence[Submission]) -> None:
    for issuer in sorted({draft.issuer_id for draft in drafts}):  # one order: each takes a lock
        close(session, TenantId(issuer), [draft.request_id for draft in drafts if draft.issuer_id == issuer])


def _of(table: Any) -> ColumnElement[bool]:
    return and_(table.tenant_id == Submission.tenant_id, table.submission_id == Submission.id)


def release_evidence(session: TenantSession, tenant: TenantId, limit: int, at: datetime, due_before: date) -> Gone:
    """Say of up to `limit` pieces of evidence, sealed and due before a day, that their files are gone."""
    query = select(Evidence.id).join(Submission, _of(Evidence)).join(DisclosureRequest, _REQUESTED)
    query = query.where(
        Evidence.tenant_id == tenant, Evidence.file_erased_at.is_(None), Submission.sealed_at.is_not(None),
        DisclosureRequest.due_on < due_before,
    )  # fmt: skip
    ids = session.scalars(query.order_by(Evidence.id).limit(limit)).all()
    return Gone(ids, mark_erased(session, tenant, ids, at))


def forget_readings(session: TenantSession, tenant: TenantId, limit: int, before: datetime) -> Gone:
    """Delete up to `limit` records of who read one's own submissions before a moment."""
    old = select(AccessRecord.id).where(AccessRecord.tenant_id == tenant, AccessRecord.at < before).limit(limit)
    query = delete(AccessRecord).where(AccessRecord.tenant_id == tenant, AccessRecord.id.in_(old))
    return Gone(session.scalars(query.returning(AccessRecord.id)).all())


def erase_writer(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from the history of one's own answers."""
    query = update(SubmissionRevision).where(
        SubmissionRevision.tenant_id == tenant, SubmissionRevision.person.is_not(None)
    )
    if person is not None:
        query = query.where(SubmissionRevision.person == person)
    return _count(session.execute(query.values(person=None)))


def erase_reader(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Take a person, or all, from the records of readings: by one's own people, and of one's own submissions."""
    erased = 0
    for side in (AccessRecord.tenant_id == tenant, AccessRecord.reader_id == tenant):
        query = update(AccessRecord).where(side, AccessRecord.person.is_not(None))
        if person is not None:
            query = query.where(AccessRecord.person == person)
        erased += _count(session.execute(query.values(person=None)))
    return erased


def count_declarations(session: TenantSession, tenant: TenantId, person: str | None) -> int:
    """Return how many of one's own sealed submissions a person declares, or how many there are."""
    query = select(func.count()).where(Submission.tenant_id == tenant, Submission.sealed_at.is_not(None))
    if person is not None:
        query = query.where(Submission.sealed["declared_by"]["name"].astext == person)
    return session.scalars(query).one()


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
