"""Tables of assessments that are kept, and of the runs that make them. Both are the investor's."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base


class Rescoring(Base):
    """A run over all sealed submissions that an investor asked for, under other criteria or another context.

    With an overlay of one's own, which lies on the criteria, each submission is scored under both. `reached` is the
    last submission that was looked at; the counts are of what was scored and what was passed over.
    """

    __tablename__ = "rescoring"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "overlay_digest"], ["published_overlay.tenant_id", "published_overlay.digest"]
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    criteria_digest: Mapped[str]
    context_digest: Mapped[str]
    asked_at: Mapped[datetime]
    client_id: Mapped[UUID]
    assessed_on: Mapped[date]
    scored: Mapped[int]
    passed_over: Mapped[int]
    reached: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    overlay_digest: Mapped[str | None]


class StoredAssessment(Base):
    """A scorecard of a sealed submission as it was on a day, under named revisions; it never changes.

    `unconfirmed` answers were given to another wording of their question, `lost` ones have no place in the
    questionnaire revision that the criteria read. Where an overlay is named, the criteria are those that it makes.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["respondent_id", "submission_id", "tenant_id"],
            ["submission.tenant_id", "submission.id", "submission.issuer_id"],
        ),
        ForeignKeyConstraint(["tenant_id", "rescoring_id"], ["rescoring.tenant_id", "rescoring.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "overlay_digest"], ["published_overlay.tenant_id", "published_overlay.digest"]
        ),
        UniqueConstraint("tenant_id", "submission_id", "criteria_digest", "context_digest", "assessed_on"),
        Index(None, "tenant_id", "rescoring_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    respondent_id: Mapped[UUID]
    submission_id: Mapped[UUID]
    rescoring_id: Mapped[UUID]
    questionnaire_digest: Mapped[str]
    criteria_digest: Mapped[str]
    context_digest: Mapped[str]
    engine: Mapped[int]
    assessed_on: Mapped[date]
    unconfirmed: Mapped[int]
    lost: Mapped[int]
    result_digest: Mapped[str]
    result: Mapped[dict[str, Any]] = mapped_column(JSONB(), deferred=True)
    made_at: Mapped[datetime]
    overlay_digest: Mapped[str | None]
