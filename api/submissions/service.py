"""Use cases of submissions.

Invariants: a draft is the respondent's alone; a refused save touches nothing; every save appends one revision row in
the same transaction; sealing freezes the document with the digest of every answer and of the question it answers, and
after that nothing changes it; what was carried over and not confirmed is not sealed.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import load_only

from api import clock, ids
from api.audit.service import record
from api.campaigns.models import DisclosureRequest
from api.campaigns.service import close
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.definitions.reading import pinned
from api.evidence.service import SubmissionName, keep_evidence_of
from api.http.paging import page_of
from api.http.schemas import format_moment
from api.http.versions import Versions
from api.ids import TenantId
from api.problems import Flaw, Refusal, not_found
from api.submissions.confirming import ToConfirm, find_unconfirmed, without_saved
from api.submissions.models import AccessGrant, AccessRecord, Submission, SubmissionRevision
from api.submissions.schemas import DeclarationIn
from api.tenancy import Principal, tenant_of
from questionnaires.answers import EMPTY, AnswerValidator, merge
from questionnaires.canonical import canonical_bytes, digest, digest_bytes
from questionnaires.definition import Questionnaire
from questionnaires.documents import Document, iterate
from questionnaires.shape import MOST_PROBLEMS, Problem
from questionnaires.visibility import without_hidden

LARGEST_DOCUMENT = 2 * 1024 * 1024
"""Bytes of all answers of a submission: with their evidence they still fit into an attestation."""


WHOLE = "all"
"""The level of a grant that shows the submission itself."""

VENDOR, SEALING = "vendor", "sealing"
"""What makes a grant: the vendor, or the sealing of its answer to the issuer."""

Part = Literal["answers", "evidence", "file", "scorecard", "copy", "pdf", "bundle", "countersignatures"]


class Draft(NamedTuple):
    """A respondent's own submission with the request that it answers."""

    submission: Submission
    request: DisclosureRequest


def open_submission(session: TenantSession, request: DisclosureRequest) -> None:
    """Open the vendor's empty submission; runs in the issuer's transaction."""
    session.add(
        Submission(
            tenant_id=request.respondent_id, id=request.submission_id, issuer_id=request.tenant_id,
            request_id=request.id, answers=dict(EMPTY), version=0, saved_at=request.issued_at,
            sealed_at=None, sealed=None, leaves=None, to_confirm={},
        )
    )  # fmt: skip
    session.flush()


def read_draft(session: TenantSession, principal: Principal, request_id: UUID) -> Draft:
    """Return the caller's own submission of a request, as its respondent."""
    row = session.execute(_own(principal, request_id)).one_or_none()
    if row is None:
        raise not_found()
    return Draft(*row)


def open_draft(session: TenantSession, principal: Principal, request_id: UUID) -> Draft:
    """Return the caller's own draft, locked until the transaction ends; refuse a sealed one."""
    row = session.execute(_own(principal, request_id).with_for_update(of=Submission)).one_or_none()
    if row is None:  # it is not there, or sealed: the database lets nobody lock what is sealed
        read_draft(session, principal, request_id)
        raise Refusal("sealed", "Ask for a new request to correct it, and carry these answers into its draft.")
    return Draft(*row)


def _own(principal: Principal, request_id: UUID) -> Select[Submission, DisclosureRequest]:
    return (
        select(Submission, DisclosureRequest)
        .join(
            DisclosureRequest,
            (DisclosureRequest.tenant_id == Submission.issuer_id) & (DisclosureRequest.id == Submission.request_id),
        )
        .where(Submission.tenant_id == tenant_of(principal), Submission.request_id == request_id)
    )


def check(session: TenantSession, catalogue: Catalogue, draft: Draft, said: object) -> list[Problem]:
    """Return every problem of a save on top of the draft."""
    return validator_of(session, catalogue, draft.request).check_save(draft.submission.answers, said)


def save(  # noqa: PLR0913, PLR0917  # who, where, what, and on top of which version
    session: TenantSession,
    principal: Principal,
    catalogue: Catalogue,
    request_id: UUID,
    said: Any,
    expected: Versions,
) -> Submission:
    """Merge a save into the draft, or refuse it with every problem."""
    draft = open_draft(session, principal, request_id)
    submission = draft.submission
    if submission.version not in expected:
        raise Refusal("changed", "Read the draft again and repeat the save on top of it.")
    refuse(check(session, catalogue, draft, said))
    write(session, principal, submission, said, "answers.save", without_saved(submission.to_confirm, said))
    return submission


def write(  # noqa: PLR0913, PLR0917  # who, where, what, as which act, and what waits for confirmation then
    session: TenantSession,
    principal: Principal,
    submission: Submission,
    said: dict[str, Any],
    act: Literal["answers.save", "answers.carry"],
    waiting: ToConfirm,
) -> None:
    """Lay an accepted save over a draft that is locked: one revision row, told in the audit log."""
    merged = merge(submission.answers, said)
    before, after = canonical_bytes(submission.answers), canonical_bytes(merged)
    if len(after) > LARGEST_DOCUMENT:
        refuse(
            [Problem("", "too_large", f"All answers together take {LARGEST_DOCUMENT} bytes at most; shorten texts.")]
        )
    submission.answers = merged
    submission.to_confirm = waiting
    submission.version += 1
    submission.saved_at = clock.now()
    session.add(_revision(principal, submission, said))
    session.flush()
    record(session, principal, act, submission.id, before=digest_bytes(before), after=digest_bytes(after))


def seal(
    session: TenantSession, principal: Principal, catalogue: Catalogue, request_id: UUID, declared: DeclarationIn
) -> Draft:
    """Seal the draft: what was not asked is left out, every answer is frozen with the digest of its question."""
    draft = open_draft(session, principal, request_id)
    validator, submission = validator_of(session, catalogue, draft.request), draft.submission
    document = without_hidden(validator.questionnaire, submission.answers)
    problems = [*find_unconfirmed(submission.to_confirm, document), *validator.check_document(document)]
    refuse(problems[:MOST_PROBLEMS])
    keep_evidence_of(session, principal, name_of(submission), {key for _, key, _ in iterate(document)})
    submission.answers, submission.to_confirm = dict(document), {}
    submission.version += 1
    submission.leaves = freeze(validator.questionnaire, document)
    submission.sealed = sealed_terms(draft.request, declared)
    submission.saved_at = submission.sealed_at = clock.now()
    session.flush()
    close(session, TenantId(submission.issuer_id), [submission.request_id])
    record(session, principal, "submission.seal", submission.id, after=digest(document))
    _grant_to_issuer(session, principal, submission)
    return draft


def _grant_to_issuer(session: TenantSession, principal: Principal, submission: Submission) -> None:
    """Make the grant that sealing is: the vendor answers the request, so its issuer sees the whole, for good."""
    made = AccessGrant(
        tenant_id=submission.tenant_id, id=ids.uuid7(), submission_id=submission.id, grantee_id=submission.issuer_id,
        purpose=f"Answer to the disclosure request {submission.request_id}", level=WHOLE, shown=None,
        granted_at=submission.sealed_at, expires_at=None, revoked_at=None, made_by=SEALING,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(session, principal, "grant.make", made.id)


def sealed_terms(request: DisclosureRequest, declared: DeclarationIn) -> dict[str, Any]:
    """Return what a sealed submission carries of its request: whoever sees the one may not see the other."""
    return {
        "declared_by": declared.model_dump(),
        "questionnaire": request.questionnaire_digest,
        "criteria": request.criteria_digest,
        "context": request.context_digest,
        "issued_at": format_moment(request.issued_at),
        "due_on": request.due_on.isoformat(),
    }


def terms_of(submission: Submission) -> dict[str, Any]:
    """Return the terms under which a submission was sealed (see `sealed_terms`)."""
    assert submission.sealed is not None
    return submission.sealed


def freeze(questionnaire: Questionnaire, document: Document) -> list[dict[str, Any]]:
    """Return one leaf per answer: where it stands, its digest, and the digest of the question it answers."""
    questions = {id_: digest(q.model_dump(mode="json", by_alias=True)) for id_, q in questionnaire.questions.items()}
    return [
        {
            "group": group,
            "row": key.row or None,
            "question": key.question,
            "question_digest": questions[key.question],
            "answer_digest": digest(answer),
        }
        for group, key, answer in iterate(document)
    ]


def read_sealed(session: TenantSession, principal: Principal, id_: UUID) -> Submission:
    """Return a sealed submission that is the caller's, was made for the caller, or was granted to it."""
    me = tenant_of(principal)
    granted = select(AccessGrant.tenant_id).where(
        AccessGrant.grantee_id == me, AccessGrant.submission_id == id_, AccessGrant.level == WHOLE
    )
    for whose in (Submission.tenant_id == me, Submission.issuer_id == me, Submission.tenant_id.in_(granted)):
        query = select(Submission).where(Submission.id == id_, Submission.sealed_at.is_not(None), whose)
        found = session.scalars(query).one_or_none()
        if found is not None:
            return found
    raise not_found()


def name_of(submission: Submission) -> SubmissionName:
    """Return what evidence needs to know of a submission."""
    return SubmissionName(submission.tenant_id, submission.id, submission.issuer_id)


def list_sealed(
    session: TenantSession, principal: Principal, side: str, limit: int, after: UUID | None
) -> Sequence[Submission]:
    """Return a page of sealed submissions: `own`, `asked` (for the caller) or `granted` by others; and one row more."""
    me = tenant_of(principal)
    granted = select(AccessGrant.submission_id).where(
        AccessGrant.grantee_id == me, AccessGrant.level == WHOLE, AccessGrant.made_by == VENDOR
    )
    whose = {
        "own": Submission.tenant_id == me,
        "asked": Submission.issuer_id == me,
        "granted": Submission.id.in_(granted),
    }[side]
    query = select(Submission).where(whose, Submission.sealed_at.is_not(None))
    columns = load_only(Submission.issuer_id, Submission.request_id, Submission.sealed_at)
    return session.scalars(page_of(query.options(columns), Submission.id, limit, after)).all()


def note_reading(  # noqa: PLR0913, PLR0917  # who read what of whose
    session: TenantSession,
    principal: Principal,
    owner: UUID,
    submission: UUID,
    what: Part,
    attestation: UUID | None = None,
) -> None:
    """Tell the vendor that somebody else reads a part of its submission; commits, as reading is the whole act."""
    if owner == tenant_of(principal):
        return
    session.add(
        AccessRecord(
            tenant_id=owner, id=ids.uuid7(), submission_id=submission, reader_id=tenant_of(principal), what=what,
            at=clock.now(), person=principal.person, attestation_id=attestation,
        )
    )  # fmt: skip
    session.commit()


def is_granted(session: TenantSession, principal: Principal, submission: Submission) -> bool:
    """Tell whether the vendor has granted the caller the whole; the database shows a grantee live grants only."""
    query = select(AccessGrant.id).where(
        AccessGrant.tenant_id == submission.tenant_id,
        AccessGrant.submission_id == submission.id,
        AccessGrant.grantee_id == tenant_of(principal),
        AccessGrant.level == WHOLE,
    )
    return session.scalars(query.limit(1)).one_or_none() is not None


def refuse(problems: Sequence[Problem]) -> None:
    """Refuse with every problem, if there is one."""
    if problems:
        raise Refusal("invalid", "Correct every problem named in errors.", [Flaw(*problem) for problem in problems])


def validator_of(session: TenantSession, catalogue: Catalogue, request: DisclosureRequest) -> AnswerValidator:
    """Return the checks of the questionnaire that a request, which the caller sees, asks."""
    return pinned(session, catalogue, request.tenant_id, request.questionnaire_digest).validator


def _revision(principal: Principal, submission: Submission, said: dict[str, Any]) -> SubmissionRevision:
    return SubmissionRevision(
        tenant_id=submission.tenant_id, id=ids.uuid7(), submission_id=submission.id, version=submission.version,
        delta=said, saved_at=submission.saved_at, client_id=principal.client, person=principal.person,
    )  # fmt: skip
