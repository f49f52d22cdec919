"""Translations of one's own published questionnaires: for display, beside the revision.

Invariant: what is kept translates texts that the revision has, as they stand there.
"""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from api import clock
from api.audit.service import record
from api.catalogue.compiled import CompiledQuestionnaire
from api.db.session import TenantSession
from api.definitions.models import PublishedQuestionnaire, QuestionnaireTranslation
from api.definitions.reading import find_published
from api.definitions.schemas import TranslationIn
from api.problems import Flaw, Refusal, not_found
from api.tenancy import Principal, tenant_of
from questionnaires.canonical import digest, digest_bytes
from questionnaires.shape import MOST_PROBLEMS, pointer_of
from questionnaires.translations import Translation, coverage

MOST_LANGUAGES = 60


def translate(
    session: TenantSession, principal: Principal, asked: CompiledQuestionnaire, language: str, said: TranslationIn
) -> Translation:
    """Keep the texts of one's own revision in another language; those before go."""
    row = _own(session, principal, asked)
    texts = {place: entry.model_dump() for place, entry in said.texts.items()}
    translation = Translation.model_validate({"questionnaire": asked.digest, "language": language, "texts": texts})
    _refuse_unfit(asked, translation)
    known = _rows(session, row)
    if language not in {one.language for one in known} and len(known) >= MOST_LANGUAGES:
        raise Refusal("quota_exceeded", f"A revision has {MOST_LANGUAGES} translations at most.")
    values = {"texts": json.dumps(texts, ensure_ascii=False), "saved_at": clock.now()}
    key = {"tenant_id": row.tenant_id, "digest": row.digest, "language": language}
    statement = insert(QuestionnaireTranslation).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    record(session, principal, "questionnaire.translate", row.id, after=digest(texts))
    return translation


def remove(session: TenantSession, principal: Principal, asked: CompiledQuestionnaire, language: str) -> None:
    """Remove a translation of one's own revision."""
    row = _own(session, principal, asked)
    found = session.get(QuestionnaireTranslation, (row.tenant_id, row.digest, language))
    if found is None:
        raise not_found()
    before = digest_bytes(found.texts.encode())
    session.delete(found)
    session.flush()
    record(session, principal, "questionnaire.translate", row.id, before=before)


def list_translations(
    session: TenantSession, principal: Principal, asked: CompiledQuestionnaire
) -> Sequence[Translation]:
    """Return every translation of a revision that the caller reads, by language; none of a shipped one."""
    row = find_published(session, principal, asked.digest)
    return [] if row is None else [_translation(found) for found in _rows(session, row)]


def read_translation(
    session: TenantSession, principal: Principal, asked: CompiledQuestionnaire, language: str
) -> Translation:
    """Return a translation of a revision that the caller reads."""
    row = find_published(session, principal, asked.digest)
    found = row and session.get(QuestionnaireTranslation, (row.tenant_id, row.digest, language))
    if not found:
        raise not_found()
    return _translation(found)


def _own(session: TenantSession, principal: Principal, asked: CompiledQuestionnaire) -> PublishedQuestionnaire:
    row = find_published(session, principal, asked.digest)
    if row is None or row.tenant_id != tenant_of(principal):
        raise Refusal("forbidden", "Only the organisation that published a questionnaire translates it.")
    return row


def _rows(session: TenantSession, row: PublishedQuestionnaire) -> Sequence[QuestionnaireTranslation]:
    query = select(QuestionnaireTranslation).where(
        QuestionnaireTranslation.tenant_id == row.tenant_id, QuestionnaireTranslation.digest == row.digest
    )
    return session.scalars(query.order_by(QuestionnaireTranslation.language)).all()


def _translation(row: QuestionnaireTranslation) -> Translation:
    return Translation.model_validate(
        {"questionnaire": row.digest, "language": row.language, "texts": json.loads(row.texts)}
    )


def _refuse_unfit(asked: CompiledQuestionnaire, translation: Translation) -> None:
    found = coverage(asked.questionnaire, translation)
    flaws = [
        Flaw(pointer_of("texts", place), "stale", "This was made from another wording; translate the one that stands.")
        for place in found.stale
    ]
    flaws += [
        Flaw(pointer_of("texts", place), "unknown", "The questionnaire has no text here; take the entry out.")
        for place in found.unknown
    ]
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws[:MOST_PROBLEMS])
