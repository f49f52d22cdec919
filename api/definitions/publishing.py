"""Examining drafts and publishing them.

Invariants: what is published has no error among its findings and keeps the promise of `derived_from`; its id is its
organisation's own, its number the next of that id; publishing the same again gives the revision that is there.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.audit.service import record
from api.catalogue.compiled import CompiledQuestionnaire
from api.catalogue.service import Catalogue
from api.db.session import Sessions, TenantSession, unit_of_work
from api.definitions.drafts import DRAFTS
from api.definitions.models import PublishedQuestionnaire
from api.definitions.reading import count_published, find
from api.drafts.findings import Examined, check_id, place
from api.drafts.names import own_id
from api.drafts.written import parse
from api.ids import TenantId
from api.problems import Refusal
from api.tenancy import Principal, tenant_of
from questionnaires.ancestry import check_derivation
from questionnaires.canonical import Digest
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.linting import Finding, lint
from questionnaires.linting.refusals import read_definition
from questionnaires.revisions import revision_digest, revision_json

MOST_REVISIONS = 1000
"""Published revisions of one organisation."""
KEEP = "Keep the promise of `derived_from`, or take it out."


def examine(sessions: Sessions, principal: Principal, catalogue: Catalogue, id_: UUID) -> Examined[Questionnaire]:
    """Return a draft with its findings; no connection is held while they are looked for."""
    tenant = tenant_of(principal)
    with unit_of_work(sessions, tenant) as session:
        draft = DRAFTS.read(session, principal, id_)
    source = parse(draft.source, draft.media_type)
    questionnaire, refused = read_definition(source.value)
    if questionnaire is None or source.findings:
        return Examined(draft.version, None, place(source, [*source.findings, *refused]))
    base = None
    if questionnaire.derived_from is not None:
        with unit_of_work(sessions, tenant) as session:
            base = find(session, principal, catalogue, questionnaire.derived_from.digest)
    found = [
        *check_id(tenant, questionnaire.id), *_derivation_findings(questionnaire, base),
        *lint(questionnaire, _criteria(catalogue, questionnaire, base)),
    ]  # fmt: skip
    return Examined(draft.version, questionnaire, place(source, found))


def publish(
    session: TenantSession, principal: Principal, id_: UUID, examined: Examined[Questionnaire]
) -> tuple[PublishedQuestionnaire, bool]:
    """Publish a draft as it was examined; return its revision, and whether it is new."""
    DRAFTS.open(session, principal, id_, {examined.version})
    if examined.content is None or examined.errors:
        raise examined.refusal()
    tenant = tenant_of(principal)
    DRAFTS.hold(session, tenant)
    name = own_id(tenant, examined.content.id)
    assert name is not None
    newest = session.scalars(
        select(PublishedQuestionnaire)
        .where(PublishedQuestionnaire.tenant_id == tenant, PublishedQuestionnaire.questionnaire_id == name)
        .order_by(PublishedQuestionnaire.revision.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.digest == revision_digest(_named(examined.content, name, newest.revision)):
        return newest, False
    _refuse_too_many(session, tenant)
    number = 1 if newest is None else newest.revision + 1
    row = _row(tenant, _named(examined.content, name, number), number)
    session.add(row)
    session.flush()
    record(session, principal, "questionnaire.publish", row.id, after=Digest(row.digest))
    return row, True


def _row(tenant: TenantId, made: Questionnaire, number: int) -> PublishedQuestionnaire:
    return PublishedQuestionnaire(
        tenant_id=tenant, digest=revision_digest(made), id=ids.uuid7(), questionnaire_id=made.id, revision=number,
        title=made.title, definition=made.model_dump_json(by_alias=True), published_at=clock.now(),
    )  # fmt: skip


def _named(questionnaire: Questionnaire, name: str, number: int) -> Questionnaire:
    return Questionnaire.model_validate({**revision_json(questionnaire), "id": name, "revision": str(number)})


def _refuse_too_many(session: TenantSession, tenant: TenantId) -> None:
    count = count_published(session, tenant)
    if count >= MOST_REVISIONS:
        raise Refusal("quota_exceeded", f"Your organisation has published {count} revisions, and may publish no more.")


def _criteria(
    catalogue: Catalogue, questionnaire: Questionnaire, base: CompiledQuestionnaire | None
) -> Sequence[Criteria]:
    """Return the criteria that would score the questionnaire: those of the shipped one that it extends."""
    if base is None or questionnaire.derived_from is None or questionnaire.derived_from.relation != "extends":
        return ()
    fitting = (one for digest, one in catalogue.criteria_of(base) if not catalogue.misfits(base, digest))
    return tuple(fitting)[:1]


def _derivation_findings(questionnaire: Questionnaire, base: CompiledQuestionnaire | None) -> Iterator[Finding]:
    if questionnaire.derived_from is None:
        return
    if base is None:
        problem = "there is no such revision among the shipped ones and your own"
        yield Finding(
            "unknown-base", "error", "/derived_from/digest", None, problem, "Name a digest that you can read."
        )
        return
    for found in check_derivation(questionnaire, base.questionnaire):
        code = f"derivation-{found.code.replace('_', '-')}"
        yield Finding(code, "error", found.pointer, None, found.detail.removesuffix("."), KEEP)
