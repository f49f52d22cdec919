"""Use cases of evidence.

Invariants: attaching gives V1; V2 and above are given by others, V3 and V4 by an auditor to whom the vendor granted
access, never by the vendor or the asking investor; the latest grading of each grader counts, and of those the highest;
a file is kept before its row is written, so a row never names a file that is missing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from api import clock, ids
from api.audit.service import record
from api.db.session import TenantSession
from api.evidence.files import FileStore
from api.evidence.models import Evidence, EvidenceAbout, Grading
from api.evidence.schemas import EvidenceIn, GradingsIn
from api.identity.service import names_of
from api.ids import TenantId
from api.jobs.queue import enqueue
from api.problems import Flaw, Refusal, not_found
from api.quotas.service import keep_file
from api.tenancy import Principal, Role, tenant_of
from questionnaires.canonical import Digest, digest
from questionnaires.documents import AnswerKey
from questionnaires.evidence import EvidenceItem

LARGEST_FILE = 25 * 1024 * 1024
"""Bytes."""
MOST_ABOUTS = 12_000
ATTACHED = "V1"
TIDY_TASK = "evidence.tidy"
INDEPENDENT = frozenset({"V3", "V4"})


class SubmissionName(NamedTuple):
    """Whose submission, and asked by whom: all that evidence needs to know of it."""

    owner: UUID
    id: UUID
    issuer: UUID


class File(NamedTuple):
    """An uploaded file, its media type found from its content."""

    name: str
    media_type: str
    data: bytes


EvidenceJson = Mapping[AnswerKey, Sequence[Mapping[str, Any]]]


def attach(  # noqa: PLR0913, PLR0917  # who, where, what, and what about it
    session: TenantSession,
    principal: Principal,
    files: FileStore,
    submission: SubmissionName,
    file: File,
    said: EvidenceIn,
) -> Evidence:
    """Attach a file to answers of the caller's own draft; the database refuses once it is sealed."""
    tenant = TenantId(submission.owner)
    _refuse_too_much(session, submission, len(said.about))
    evidence = Evidence(
        tenant_id=tenant, id=ids.uuid7(), submission_id=submission.id, file_name=file.name,
        file_digest=keep_file(session, files, tenant, file.data, document=False), media_type=file.media_type,
        size=len(file.data), dated=said.dated, public_url=said.public_url, attached_at=clock.now(),
    )  # fmt: skip
    session.add(evidence)
    session.flush()
    session.add_all(
        EvidenceAbout(
            tenant_id=tenant, submission_id=submission.id, evidence_id=evidence.id, question=question, row_id=row
        )
        for question, row in sorted({(about.question, about.row or "") for about in said.about})
    )
    session.flush()
    record(session, principal, "evidence.attach", evidence.id, after=Digest(evidence.file_digest))
    return evidence


def _refuse_too_much(session: TenantSession, submission: SubmissionName, more: int) -> None:
    """Keep a submission's evidence within what an attestation can carry."""
    count = select(func.count()).select_from(EvidenceAbout)
    if session.scalars(_of(count, EvidenceAbout, submission)).one() + more > MOST_ABOUTS:
        flaw = Flaw("/about", "too_many", f"A submission's evidence is about {MOST_ABOUTS} answers at most, in all.")
        raise Refusal("invalid", "Correct every problem named in errors.", [flaw])


def withdraw(session: TenantSession, principal: Principal, submission: SubmissionName, id_: UUID) -> None:
    """Take a piece of evidence off one's own draft; the database refuses once it is sealed."""
    evidence = session.scalars(_of(select(Evidence), Evidence, submission).where(Evidence.id == id_)).one_or_none()
    if evidence is None:
        raise not_found()
    session.execute(_of(delete(EvidenceAbout), EvidenceAbout, submission).where(EvidenceAbout.evidence_id == id_))
    session.execute(_of(delete(Evidence), Evidence, submission).where(Evidence.id == id_))
    enqueue(session, TIDY_TASK, tenant=tenant_of(principal))
    record(session, principal, "evidence.withdraw", id_, before=Digest(evidence.file_digest))


def keep_evidence_of(
    session: TenantSession, principal: Principal, submission: SubmissionName, answered: Collection[AnswerKey]
) -> None:
    """Before sealing: withdraw what stands behind answers that are not given, or not asked, any more."""
    found = list_evidence(session, submission)
    stale = {key for _, keys in found for key in keys} - set(answered)
    if not stale:
        return
    place = tuple_(EvidenceAbout.question, EvidenceAbout.row_id)
    session.execute(_of(delete(EvidenceAbout), EvidenceAbout, submission).where(place.in_(stale)))
    for evidence, keys in found:
        if stale.issuperset(keys):
            withdraw(session, principal, submission, evidence.id)


def list_evidence(session: TenantSession, submission: SubmissionName) -> list[tuple[Evidence, list[AnswerKey]]]:
    """Return the evidence of a submission that the caller sees, oldest first, with the answers it is about."""
    abouts: defaultdict[UUID, list[AnswerKey]] = defaultdict(list)
    for row in session.scalars(_of(select(EvidenceAbout), EvidenceAbout, submission)):
        abouts[row.evidence_id].append(AnswerKey(row.question, row.row_id))
    found = session.scalars(_of(select(Evidence), Evidence, submission).order_by(Evidence.id))
    return [(evidence, sorted(abouts[evidence.id])) for evidence in found]


def read_file(
    session: TenantSession, files: FileStore, submission: SubmissionName, id_: UUID
) -> tuple[Evidence, bytes]:
    """Return a piece of evidence with its file."""
    evidence = session.scalars(_of(select(Evidence), Evidence, submission).where(Evidence.id == id_)).one_or_none()
    if evidence is None:
        raise not_found()
    if evidence.file_erased_at is not None:
        raise Refusal("not_found", "The file was removed when its time was over; its digest stays.")
    return evidence, files.get(TenantId(evidence.tenant_id), Digest(evidence.file_digest))


def grade(
    session: TenantSession, principal: Principal, submission: SubmissionName, *, granted: bool, said: GradingsIn
) -> int:
    """Record grades of evidence that the caller sees; refuse all of them where one may not be given."""
    me = tenant_of(principal)
    if me == submission.owner:
        raise Refusal("forbidden", "A vendor does not grade its own evidence.")
    independent = granted and principal.holds(Role.AUDITOR) and me != submission.issuer
    if me != submission.issuer and not independent:
        raise Refusal("forbidden", "Evidence is graded by the investor that asked, or by an auditor with a grant.")
    known = {
        (row.evidence_id, row.question, row.row_id)
        for row in session.scalars(_of(select(EvidenceAbout), EvidenceAbout, submission))
    }
    flaws: list[Flaw] = []
    for index, item in enumerate(said.gradings):
        if (item.evidence, item.question, item.row or "") not in known:
            flaws.append(Flaw(f"/gradings/{index}", "unknown_evidence", "This evidence is not about that answer."))
        if item.grade in INDEPENDENT and not independent:
            detail = "V3 and V4 are given by an auditor to whom the vendor granted access."
            flaws.append(Flaw(f"/gradings/{index}/grade", "not_independent", detail))
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    at = clock.now()
    session.add_all(
        Grading(
            tenant_id=me, id=ids.uuid7(), submission_tenant_id=submission.owner, submission_id=submission.id,
            evidence_id=item.evidence, question=item.question, row_id=item.row or "", grade=item.grade,
            dated=item.dated, note=item.note, graded_at=at, person=said.reviewer,
        )
        for item in said.gradings
    )  # fmt: skip
    try:
        session.flush()
    except IntegrityError:
        raise not_found() from None
    record(
        session,
        principal,
        "grading.record",
        submission.id,
        after=digest(said.model_dump(mode="json", exclude={"reviewer"})),
    )
    return len(said.gradings)


def is_graded_since(session: TenantSession, submission: SubmissionName, id_: UUID) -> bool:
    """Tell whether anybody graded the submission's evidence after the row with this id was made (ids sort by time)."""
    mine = (Grading.submission_tenant_id == submission.owner, Grading.submission_id == submission.id)
    return bool(session.scalar(select(exists().where(*mine, Grading.id > id_))))


def evidence_of(session: TenantSession, submission: SubmissionName) -> EvidenceJson:
    """Return per answer its evidence as JSON items (`digest, grade, dated, graded_by`), in the order attached."""
    gradings: defaultdict[tuple[UUID, str, str], dict[UUID, Grading]] = defaultdict(dict)
    graded = select(Grading).where(
        Grading.submission_tenant_id == submission.owner, Grading.submission_id == submission.id
    )
    for grading in session.scalars(graded.order_by(Grading.id)):
        gradings[grading.evidence_id, grading.question, grading.row_id][grading.tenant_id] = grading
    names = names_of(session, {grader for latest in gradings.values() for grader in latest})
    found: defaultdict[AnswerKey, list[Mapping[str, Any]]] = defaultdict(list)
    for evidence, keys in list_evidence(session, submission):
        for key in keys:
            latest = gradings.get((evidence.id, key.question, key.row), {})
            found[key].append(_item(evidence, list(latest.values()), names))
    return found


def items_of(evidence: EvidenceJson) -> dict[AnswerKey, list[EvidenceItem]]:
    """Return the evidence as scoring reads it."""
    return {
        key: [
            EvidenceItem(item["digest"], item["grade"], date.fromisoformat(item["dated"]) if item["dated"] else None)
            for item in items
        ]
        for key, items in evidence.items()
    }


def _item(evidence: Evidence, latest: Sequence[Grading], names: Mapping[UUID, str]) -> Mapping[str, Any]:
    best = max(latest, key=lambda grading: (grading.grade, grading.id), default=None)
    dated = best.dated if best is not None and best.dated is not None else evidence.dated
    by = None if best is None else {"id": str(best.tenant_id), "name": names[best.tenant_id]}
    return {
        "digest": evidence.file_digest,
        "grade": ATTACHED if best is None else best.grade,
        "dated": dated.isoformat() if dated else None,
        "graded_by": by,
    }


def _of(query: Any, table: type[Evidence | EvidenceAbout], submission: SubmissionName) -> Any:
    return query.where(table.tenant_id == submission.owner, table.submission_id == submission.id)
