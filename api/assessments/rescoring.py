"""Scoring sealed submissions again, under other criteria or another context: new assessments beside the old.

With an overlay of one's own each submission gets two: one under the standard, one under the overlay.
Invariants: nothing sealed, attested or kept before changes; an answer counts under another revision only as far as it
can be carried into it; a run goes on where it was, batch by batch, and however often a batch is done there is one
assessment of a submission under the same revisions on the same day. An attestation that states another band than newer
revisions give is suspended in the same transaction.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import undefer

from api import clock, ids
from api.assessments import suspending
from api.assessments.models import Rescoring, StoredAssessment
from api.assessments.schemas import RescoringIn
from api.audit.service import record
from api.catalogue.compiled import CompiledQuestionnaire
from api.catalogue.service import Catalogue
from api.contexts.service import find_context, require_context
from api.db.session import Sessions, TenantSession, unit_of_work
from api.definitions.reading import pinned
from api.evidence.service import evidence_of, items_of
from api.http.paging import page_of
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.overlays.reading import Laid, lay
from api.overlays.reading import find as find_overlay
from api.overlays.reading import read as read_overlay
from api.problems import Flaw, Refusal, not_found
from api.reviews.reading import review_of
from api.settings import Settings
from api.standing import service as standing
from api.submissions.models import Submission
from api.submissions.service import name_of, terms_of
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import Digest, digest
from questionnaires.carrying import carry
from questionnaires.documents import Document
from questionnaires.movement import Case
from questionnaires.overlays import is_asked
from questionnaires.scoring import result_of

TASK = "assessments.rescore"
BATCH = 50
"""Submissions in one transaction: about a second."""


class Read(NamedTuple):
    """A document as another questionnaire revision reads it, and how many answers are doubtful or have no place."""

    questionnaire: CompiledQuestionnaire
    document: Document
    unconfirmed: int
    lost: int


def ask(session: TenantSession, principal: Principal, catalogue: Catalogue, asked: RescoringIn) -> Rescoring:
    """Have every sealed submission that the caller asked for scored under criteria and a context, as of today."""
    criteria, context = catalogue.criteria_for(asked.criteria), find_context(session, catalogue, asked.context)
    hint = "Name a revision that you can read by digest, id or id@revision."
    overlay = None if asked.overlay is None else find_overlay(session, tenant_of(principal), asked.overlay)
    found = {"criteria": criteria, "context": context} | ({} if asked.overlay is None else {"overlay": overlay})
    flaws = [Flaw(f"/{name}", "unknown_revision", hint) for name, revision in found.items() if revision is None]
    if overlay is not None and criteria is not None and overlay.base_digest != criteria[0]:
        flaws.append(Flaw("/criteria", "other_base", "Name the criteria that the overlay lies on."))
    if flaws or criteria is None or context is None:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    run = Rescoring(
        tenant_id=tenant_of(principal), id=ids.uuid7(), criteria_digest=criteria[0], context_digest=context.digest,
        asked_at=clock.now(), client_id=principal.client, assessed_on=clock.today(), scored=0, passed_over=0,
        reached=None, done_at=None, overlay_digest=None if overlay is None else overlay.digest,
    )  # fmt: skip
    session.add(run)
    session.flush()
    enqueue(session, TASK, tenant=run.tenant_id, rescoring=run.id)
    record(session, principal, "rescoring.ask", run.id)
    return run


def rescore(sessions: Sessions, settings: Settings, *, tenant: UUID, rescoring: UUID) -> None:  # noqa: ARG001  # what a job gets
    """Do the next batch of a run, and have the one after it done; nothing where the run is done."""
    with unit_of_work(sessions, TenantId(tenant)) as session:
        run = session.scalars(
            select(Rescoring)
            .where(Rescoring.tenant_id == tenant, Rescoring.id == rescoring, Rescoring.done_at.is_(None))
            .with_for_update()
        ).one_or_none()
        if run is None:
            return
        batch, laid = _next(session, run), _laid(session, run)
        sides = [None] if laid is None else [None, laid]
        for submission in batch:
            read = read_under(session, _catalogue(), submission, Digest(run.criteria_digest), laid)
            if read is None:
                run.passed_over += 1
            else:
                run.scored += sum(_keep(session, run, submission, read, under) for under in sides)
        about = [submission.id for submission in batch]
        standing.hold(session, *about)
        changes = suspending.settle(session, _catalogue(), run.tenant_id, about)
        if len(batch) < BATCH:
            run.done_at = clock.now()
        else:
            run.reached = batch[-1].id
            enqueue(session, TASK, tenant=tenant, rescoring=rescoring)
        session.flush()
        if run.done_at is not None:
            record(session, None, "rescoring.do", run.id, count=run.scored)
        standing.tell(session, None, changes)
        session.commit()


@cache
def _catalogue() -> Catalogue:
    """Return the catalogue of a worker, which has no application: loading it takes a second."""
    return Catalogue()


def _next(session: TenantSession, run: Rescoring) -> Sequence[Submission]:
    query = select(Submission).where(Submission.issuer_id == run.tenant_id, Submission.sealed_at.is_not(None))
    if run.reached is not None:
        query = query.where(Submission.id > run.reached)
    return session.scalars(query.order_by(Submission.id).limit(BATCH)).all()


def _laid(session: TenantSession, run: Rescoring) -> Laid | None:
    """Return the overlay of a run, if it has one."""
    if run.overlay_digest is None:
        return None
    row = find_overlay(session, TenantId(run.tenant_id), run.overlay_digest)
    assert row is not None, "an overlay that a run names stays"
    return lay(_catalogue(), row)


def read_under(
    session: TenantSession, catalogue: Catalogue, submission: Submission, criteria_digest: Digest,
    laid: Laid | None = None,
) -> Read | None:  # fmt: skip
    """Return a submission's answers as criteria read them; None where they are made for another questionnaire.

    The sealed revision serves where the criteria (and an overlay's own lines) fit it; else the newest shipped revision
    that they fit.
    """
    terms = terms_of(submission)
    sealed = pinned(session, catalogue, submission.issuer_id, terms["questionnaire"])
    base = catalogue.base_of(sealed)
    if base is None or criteria_digest not in {known for known, _ in catalogue.criteria_of(base)}:
        return None
    if _fits(catalogue, sealed, criteria_digest, laid):
        return Read(sealed, submission.answers, 0, 0)
    id_ = catalogue.criteria[criteria_digest].questionnaire
    shipped = [one for one in catalogue.shipped.values() if one.questionnaire.id == id_]
    able = [one for one in shipped if _fits(catalogue, one, criteria_digest, laid)]
    if not able:
        return None
    newest = max(able, key=lambda one: (len(one.questionnaire.revision), one.questionnaire.revision))
    carried = carry(sealed.questionnaire, newest.validator, submission.answers)
    return Read(newest, carried.document, len(carried.to_confirm), len(carried.lost))


def _fits(catalogue: Catalogue, asked: CompiledQuestionnaire, criteria_digest: Digest, laid: Laid | None) -> bool:
    """Tell whether a questionnaire has all that criteria, and the lines of an overlay on them, look at."""
    fits = not catalogue.misfits(asked, criteria_digest)
    return fits and (laid is None or is_asked(laid.overlay, asked.questionnaire))


def _keep(session: TenantSession, run: Rescoring, submission: Submission, read: Read, laid: Laid | None) -> int:
    """Keep one assessment, under the standard or under an overlay, unless it is there; return how many were added."""
    criteria = _catalogue().criteria[run.criteria_digest] if laid is None else laid.criteria
    case = Case(
        read.questionnaire.questionnaire, read.document,
        items_of(evidence_of(session, name_of(submission))), criteria,
        require_context(session, _catalogue(), run.context_digest), run.assessed_on, review_of(session, submission),
    )  # fmt: skip
    result = result_of(case.assess())
    values = {
        "tenant_id": run.tenant_id, "id": ids.uuid7(), "respondent_id": submission.tenant_id,
        "submission_id": submission.id, "rescoring_id": run.id, "questionnaire_digest": read.questionnaire.digest,
        "criteria_digest": run.criteria_digest if laid is None else laid.criteria_digest,
        "overlay_digest": None if laid is None else laid.digest,
        "context_digest": run.context_digest, "engine": case.criteria.engine,
        "assessed_on": run.assessed_on, "unconfirmed": read.unconfirmed, "lost": read.lost,
        "result_digest": digest(result), "result": result, "made_at": clock.now(),
    }  # fmt: skip
    added = insert(StoredAssessment).values(values).on_conflict_do_nothing().returning(StoredAssessment.id)
    return len(session.scalars(added).all())


def read_run(session: TenantSession, principal: Principal, id_: UUID) -> Rescoring:
    """Return a run of the caller's."""
    found = session.get(Rescoring, (tenant_of(principal), id_))
    if found is None:
        raise not_found()
    return found


def list_runs(session: TenantSession, principal: Principal, limit: int, after: UUID | None) -> Sequence[Rescoring]:
    """Return a page of the caller's runs, newest first, and one row more."""
    query = select(Rescoring).where(Rescoring.tenant_id == tenant_of(principal))
    return session.scalars(page_of(query, Rescoring.id, limit, after)).all()


def list_kept(  # noqa: PLR0913, PLR0917  # whose, of what, and which page
    session: TenantSession, principal: Principal, submission: UUID | None, run: UUID | None, overlay: str | None,
    limit: int, after: UUID | None,
) -> Sequence[StoredAssessment]:  # fmt: skip
    """Return a page of the assessments that the caller keeps, newest first, and one row more.

    They are those under the standard, or those under one overlay: the two are never in one list. Raises Refusal
    `not_found` where the caller has no such overlay.
    """
    digest = None if overlay is None else read_overlay(session, principal, overlay).digest
    query = select(StoredAssessment).where(StoredAssessment.tenant_id == tenant_of(principal))
    query = query.where(StoredAssessment.overlay_digest.is_not_distinct_from(digest))
    if submission is not None:
        query = query.where(StoredAssessment.submission_id == submission)
    if run is not None:
        query = query.where(StoredAssessment.rescoring_id == run)
    query = query.options(undefer(StoredAssessment.result))
    return session.scalars(page_of(query, StoredAssessment.id, limit, after)).all()


def read_kept(session: TenantSession, principal: Principal, id_: UUID) -> StoredAssessment:
    """Return an assessment that the caller keeps."""
    query = select(StoredAssessment).where(
        StoredAssessment.tenant_id == tenant_of(principal), StoredAssessment.id == id_
    )
    found = session.scalars(query.options(undefer(StoredAssessment.result))).one_or_none()
    if found is None:
        raise not_found()
    return found
