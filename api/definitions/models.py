"""Tables of a tenant's own questionnaires: drafts, published revisions, translations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base
from api.drafts.models import Draft


class QuestionnaireDraft(Draft):
    """A questionnaire that is being written: its text as its author sent it. Nobody else sees it."""

    __tablename__ = "questionnaire_draft"


class PublishedQuestionnaire(Base):
    """A revision, known by its digest. It never changes; those who are asked with it read it too.

    `definition` is text, because the order of choices and fields is the author's, and is shown.
    """

    __tablename__ = "published_questionnaire"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "questionnaire_id", "revision"),
        Index(None, "digest"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    questionnaire_id: Mapped[str]
    revision: Mapped[int]
    title: Mapped[str]
    definition: Mapped[str]
    published_at: Mapped[datetime]


class QuestionnaireTranslation(Base):
    """The texts of a published revision in another language: for display, beside the revision."""

    __tablename__ = "questionnaire_translation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "digest"], ["published_questionnaire.tenant_id", "published_questionnaire.digest"]
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    texts: Mapped[str]
    saved_at: Mapped[datetime]
