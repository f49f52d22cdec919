"""Use cases of attestations.

Invariants: only the investor that asked attests, and the vendor receives it at the same moment; what is signed is the
statement's bytes, kept as they are; the row and the job that renders it are one transaction; the PDF is added once,
however often the job runs.
"""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api import clock, ids
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
from api.submissions.service import read_sealed, terms_of
from api.tenancy import Principal, tenant_of
from attestations import bundle, disclosure, statement
from attestations.reasons import RefusedError
from attestations.signing import Signer
from questionnaires.canonical import Digest, digest, digest_bytes
from questionnaires.disclosure import leaves_of
from questionnaires.revisions import revision_json
from questionnaires.scoring import result_of

RENDER_TASK = "attesting.render"


def state(
    session: TenantSession, principal: Principal, catalogue: Catalogue, submission_id: UUID
) -> tuple[Assessment, dict[str, Any]]:
    """Return the assessment of a submission made for the caller, and the statement about it, as of now."""
    submission = read_sealed(session, principal, submission_id)
    if submission.issuer_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the investor that asked attests a submission.")
    assessment = assess_submission(session, catalogue, submission)
    names = names_of(session, {submission.issuer_id, submission.tenant_id})
    return assessment, _statement(assessment, names)


def attest(
    session: TenantSession, principal: Principal, catalogue: Catalogue, signer: Signer, submission_id: UUID
) -> Attestation:
    """Sign the statement about a submission and have its document rendered.

    Where the last attestation of the submission still waits for its document and would say the same today, it is
    returned instead, and its document is asked for again, in case the first attempts were given up.
    """
    waiting = _find_waiting(session, principal, submission_id)
    if waiting is not None:
        _ask_for_document(session, waiting)
        return waiting
    assessment, content = state(session, principal, catalogue, submission_id)
    leaves = leaves_of(assessment.scorecard.document, assessment.inputs.evidence)
    disclosures = [disclosure.disclose(leaf, secrets.token_bytes(disclosure.SALT_BYTES)) for leaf in leaves]
    payload = statement.build(content, leaves=[disclosure.leaf_digest(d["salt"], d["leaf"]) for d in disclosures])
    inputs = assessment.inputs
    try:
        built = bundle.build(
            envelope=signer.sign_envelope(payload), disclosures=disclosures,
            questionnaire=revision_json(inputs.questionnaire), criteria=revision_json(inputs.criteria),
            context=revision_json(inputs.context.used(assessment.scorecard.places)),
        )  # fmt: skip
    except RefusedError:
        raise Refusal("conflict", "The submission and its evidence are larger than an attestation can carry.") from None
    attestation = Attestation(
        tenant_id=tenant_of(principal), id=UUID(content["attestation"]),
        respondent_id=assessment.submission.tenant_id, submission_id=submission_id, statement=payload,
        bundle=built,
        issued_at=statement.read_instant(content["issued_at"]), pdf_digest=None, pdf_size=None, sealed_at=None,
    )  # fmt: skip
    session.add(attestation)
    session.flush()
    _ask_for_document(session, attestation)
    record(session, principal, "attestation.issue", attestation.id, after=digest_bytes(built))
    return attestation


def _find_waiting(session: TenantSession, principal: Principal, submission_id: UUID) -> Attestation | None:
    """Return the last attestation of a submission, if its document is missing and nothing it says has changed."""
    query = select(Attestation).where(
        Attestation.tenant_id == tenant_of(principal), Attestation.submission_id == submission_id
    )
    last = session.scalars(query.order_by(Attestation.id.desc()).limit(1)).one_or_none()
    if last is None or last.pdf_digest is not None or last.issued_at.date() != clock.today():
        return None
    name = SubmissionName(last.respondent_id, submission_id, last.tenant_id)
    return None if is_graded_since(session, name, last.id) else last


def _ask_for_document(session: TenantSession, attestation: Attestation) -> None:
    enqueue(session, RENDER_TASK, tenant=str(attestation.tenant_id), attestation=str(attestation.id))


def read_attestation(session: TenantSession, principal: Principal, id_: UUID) -> Attestation:
    """Return an attestation that the caller issued or that speaks of it."""
    me = tenant_of(principal)
    for own in (Attestation.tenant_id == me, Attestation.respondent_id == me):
        found = session.scalars(select(Attestation).where(Attestation.id == id_, own)).one_or_none()
        if found is not None:
            return found
    raise not_found()


def read_pdf(files: FileStore, attestation: Attestation) -> bytes:
    """Return the sealed document of an attestation that has one."""
    assert attestation.pdf_digest is not None
    return files.get(TenantId(attestation.tenant_id), Digest(attestation.pdf_digest))


def list_attestations(
    session: TenantSession, principal: Principal, side: str, limit: int, after: UUID | None
) -> Sequence[Attestation]:
    """Return a page of the attestations that the caller `issued` or `received`, and one row more."""
    column = Attestation.tenant_id if side == "issued" else Attestation.respondent_id
    query = select(Attestation).where(column == tenant_of(principal))
    return session.scalars(page_of(query, Attestation.id, limit, after)).all()


def _statement(assessment: Assessment, names: dict[UUID, str]) -> dict[str, Any]:
    submission, inputs = assessment.submission, assessment.inputs
    terms = terms_of(submission)
    assert submission.sealed_at is not None
    questionnaire, criteria, context = inputs.questionnaire, inputs.criteria, inputs.context
    used = context.used(assessment.scorecard.places)
    return {
        "format": statement.FORMAT,
        "attestation": str(ids.uuid7()),
        "issued_at": statement.format_instant(clock.now()),
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
        "context": {
            "id": context.id, "revision": context.revision, "digest": terms["context"],
            "used_digest": digest(revision_json(used)),
        },
        "assessed_on": inputs.on.isoformat(),
        "leaves": [],
        "result": result_of(assessment.scorecard),
        "not_checked": list_unchecked(assessment.inputs.criteria.engine),
    }  # fmt: skip
