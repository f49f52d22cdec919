"""Use cases of attestations.

Invariants: only the investor that asked attests, and the vendor receives it at the same moment; what is signed is the
statement's bytes, kept as they are; the row and the job that renders it are one transaction; the PDF is added once,
however often the job runs.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from api import clock, ids
from api.assessments import suspending as rescored
from api.assessments.service import Assessment, assess_submission, list_unchecked
from api.attesting.models import Attestation
from api.audit.service import record
from api.catalogue.service import Catalogue
from api.db.session import TenantSession
from api.evidence.files import FileStore
from api.evidence.service import SubmissionName, is_graded_since
from api.http.paging import page_of
from api.identity.service import names_of
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.problems import Refusal, not_found
from api.quotas.service import require_room
from api.reviews import suspending as reviewed
from api.reviews.reading import is_reviewed_since
from api.settings import Settings
from api.standing import service as standing
from api.submissions.models import AccessGrant, Submission
from api.submissions.service import read_sealed, terms_of
from api.tenancy import Principal, tenant_of
from api.transparency.status import PATH, allocate
from attestations import bundle, disclosure, in_toto, results, statement
from attestations.envelope import IN_TOTO_TYPE
from attestations.reasons import RefusedError
from attestations.record import statement_digest
from attestations.signing import Signer
from questionnaires.canonical import Digest, digest_bytes
from questionnaires.disclosure import leaves_of
from questionnaires.revisions import revision_json
from questionnaires.scoring import result_of

RENDER_TASK = "attesting.render"
VALIDITY = timedelta(days=365)
"""How long an attestation counts."""


def state(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission_id: UUID
) -> tuple[Assessment, dict[str, Any]]:
    """Return the assessment of a submission made for the caller, and the statement about it, as of now."""
    submission = read_sealed(session, principal, submission_id)
    if submission.issuer_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the investor that asked attests a submission.")
    assessment = assess_submission(session, catalogue, submission)
    names = names_of(session, {submission.issuer_id, submission.tenant_id})
    return assessment, _statement(session, assessment, names)


def attest(  # noqa: PLR0913, PLR0917  # who, what, with which means
    session: TenantSession,
    principal: Principal,
    catalogue: Catalogue,
    signer: Signer,
    settings: Settings,
    submission_id: UUID,
) -> Attestation:
    """Sign the statement about a submission and have its document rendered.

    Where the last attestation of the submission still waits for its document and would say the same today, it is
    returned instead, and its document is asked for again, in case the first attempts were given up.
    """
    waiting = _find_waiting(session, principal, submission_id, signer)
    if waiting is not None:
        _ask_for_document(session, waiting)
        return waiting
    standing.hold(session, submission_id)
    require_room(session, tenant_of(principal), settings)
    assessment, content = state(session, principal, catalogue, submission_id)
    place = allocate(session)
    content["status"] = {"uri": settings.base_url + PATH, "index": place}
    disclosures = _disclose(assessment)
    inputs = assessment.inputs
    try:
        payload = in_toto.build(content, [disclosure.leaf_digest(one["salt"], one["leaf"]) for one in disclosures])
        built = bundle.build_2(
            envelope=signer.sign_envelope(payload, IN_TOTO_TYPE), disclosures=disclosures, withheld=[],
            questionnaire=revision_json(inputs.questionnaire), criteria=revision_json(inputs.criteria),
        )  # fmt: skip
    except RefusedError:
        raise Refusal("conflict", "The submission and its evidence are larger than an attestation can carry.") from None
    attestation = Attestation(
        tenant_id=tenant_of(principal), id=UUID(content["attestation"]),
        respondent_id=assessment.submission.tenant_id, submission_id=submission_id, statement=payload,
        bundle=built,
        issued_at=statement.read_instant(content["issued_at"]), pdf_digest=None, pdf_size=None, sealed_at=None,
        status_index=place,
    )  # fmt: skip
    session.add(attestation)
    session.flush()
    _ask_for_document(session, attestation)
    changes = reviewed.settle(session, attestation.tenant_id, submission_id)
    changes += rescored.settle(session, catalogue, attestation.tenant_id, [submission_id])
    record(session, principal, "attestation.issue", attestation.id, after=digest_bytes(built))
    standing.tell(session, principal, changes)
    return attestation


def _disclose(assessment: Assessment) -> list[dict[str, Any]]:
    """Return every leaf with a salt of its own: answers and rows, the parts of the result, the places used."""
    inputs, scorecard = assessment.inputs, assessment.scorecard
    used = revision_json(inputs.context.used(scorecard.places))
    leaves = [
        *leaves_of(scorecard.document, inputs.evidence),
        *results.leaves_of(result_of(scorecard)),
        {"kind": "context", "group": "company", "row": None, "context": used},
    ]
    return [disclosure.disclose(leaf, secrets.token_bytes(disclosure.SALT_BYTES)) for leaf in leaves]


def _find_waiting(
    session: TenantSession, principal: Principal, submission_id: UUID, signer: Signer
) -> Attestation | None:
    """Return the last attestation of a submission, if its document is missing and nothing it says has changed."""
    query = select(Attestation).where(
        Attestation.tenant_id == tenant_of(principal), Attestation.submission_id == submission_id
    )
    last = session.scalars(query.order_by(Attestation.id.desc()).limit(1)).one_or_none()
    if last is None or last.pdf_digest is not None or last.issued_at.date() != clock.today():
        return None
    name = SubmissionName(last.respondent_id, submission_id, last.tenant_id)
    changed = is_graded_since(session, name, last.id) or is_reviewed_since(
        session, last.tenant_id, submission_id, last.id
    )
    return None if changed or bundle.read_envelope(last.bundle).keyid != signer.keyid else last


def _ask_for_document(session: TenantSession, attestation: Attestation) -> None:
    enqueue(session, RENDER_TASK, tenant=str(attestation.tenant_id), attestation=str(attestation.id))


def read_attestation(session: TenantSession, principal: Principal, id_: UUID) -> Attestation:
    """Return an attestation that the caller issued, that speaks of it, or that was granted to it."""
    me = tenant_of(principal)
    granted = tuple_(Attestation.tenant_id, Attestation.id).in_(_granted(me))
    for own in (Attestation.tenant_id == me, Attestation.respondent_id == me, granted):
        found = session.scalars(select(Attestation).where(Attestation.id == id_, own)).one_or_none()
        if found is not None:
            return found
    raise not_found()


def _granted(me: TenantId) -> Select[UUID | None, UUID | None]:
    """Return the query of the attestations granted to the caller; the database shows it live grants only."""
    return select(AccessGrant.attestation_tenant_id, AccessGrant.attestation_id).where(
        AccessGrant.grantee_id == me, AccessGrant.attestation_id.is_not(None)
    )


def read_pdf(files: FileStore, attestation: Attestation) -> bytes:
    """Return the sealed document of an attestation that has one."""
    assert attestation.pdf_digest is not None
    return files.get(TenantId(attestation.tenant_id), Digest(attestation.pdf_digest))


def list_attestations(
    session: TenantSession, principal: Principal, side: str, limit: int, after: UUID | None
) -> Sequence[Attestation]:
    """Return a page of the attestations that the caller `issued` or `received`, or was `granted`; and one row more."""
    me = tenant_of(principal)
    whose = {
        "issued": Attestation.tenant_id == me,
        "received": Attestation.respondent_id == me,
        "granted": tuple_(Attestation.tenant_id, Attestation.id).in_(_granted(me)),
    }[side]
    query = select(Attestation).where(whose)
    return session.scalars(page_of(query, Attestation.id, limit, after)).all()


def _statement(session: TenantSession, assessment: Assessment, names: dict[UUID, str]) -> dict[str, Any]:
    submission, inputs = assessment.submission, assessment.inputs
    terms = terms_of(submission)
    assert submission.sealed_at is not None
    questionnaire, criteria, context = inputs.questionnaire, inputs.criteria, inputs.context
    now = clock.now()
    return {
        "attestation": str(ids.uuid7()),
        "issued_at": statement.format_instant(now),
        "valid_until": (now.date() + VALIDITY).isoformat(),
        "supersedes": _find_last(session, submission),
        "issuer": {"id": str(submission.issuer_id), "name": names[submission.issuer_id]},
        "respondent": {"id": str(submission.tenant_id), "name": names[submission.tenant_id]},
        "request": {"id": str(submission.request_id), "issued_at": terms["issued_at"], "due_on": terms["due_on"]},
        "declaration": {
            "submission": str(submission.id),
            "sealed_at": statement.format_instant(submission.sealed_at),
            "declared_by": terms["declared_by"],
        },
        "questionnaire": {
            "id": questionnaire.id, "revision": questionnaire.revision, "title": questionnaire.title,
            "digest": terms["questionnaire"],
        },
        "criteria": {
            "id": criteria.id, "revision": criteria.revision, "engine": criteria.engine, "digest": terms["criteria"],
        },
        "context": {"id": context.id, "revision": context.revision, "digest": terms["context"]},
        "assessed_on": inputs.on.isoformat(),
        "result": results.head_of(result_of(assessment.scorecard)),
        "status": None,
        "not_checked": list_unchecked(assessment.inputs.criteria.engine),
    }  # fmt: skip


def _find_last(session: TenantSession, submission: Submission) -> str | None:
    """Return the digest of the last statement about a submission whose document was issued, or None."""
    query = select(Attestation.statement).where(
        Attestation.tenant_id == submission.issuer_id, Attestation.submission_id == submission.id,
        Attestation.pdf_digest.is_not(None),
    )  # fmt: skip
    last = session.scalars(query.order_by(Attestation.id.desc()).limit(1)).one_or_none()
    return None if last is None else statement_digest(last)
