"""Wire models of questionnaires: revisions, drafts, findings, differences, translations."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.catalogue.schemas import RevisionOut
from api.http.schemas import Moment, Wire
from questionnaires.translations import MOST_TEXTS, Entry

ChangeKind = Literal[
    "added", "removed", "moved", "group", "reworded", "condition", "references", "flags", "field_added",
    "field_removed", "kind", "limits", "choice_added", "choice_removed", "choice_relabelled", "head",
]  # fmt: skip


class QuestionnaireOut(RevisionOut):
    """A questionnaire revision; `published_at` is absent for a shipped one."""

    published_at: Moment | None = None


class ChangeOut(Wire):
    """One difference: what kind, at which question (empty: the head) and place, both forms, and a sentence."""

    kind: ChangeKind
    question: str
    place: str
    before: str | None
    after: str | None
    words: str


class DifferenceOut(Wire):
    """What differs from one revision to another, in the reading order of the new one; removals come first."""

    old: RevisionOut
    new: RevisionOut
    changes: list[ChangeOut]


class TranslationIn(Wire):
    """The texts of a revision in another language, by JSON pointer into the revision."""

    texts: dict[Annotated[str, StringConstraints(pattern=r"^/", max_length=300)], Entry] = Field(max_length=MOST_TEXTS)


class TranslationLineOut(Wire):
    """How much of a revision a translation speaks: `present` of `total` texts."""

    language: str
    direction: Literal["ltr", "rtl"]
    present: int
    total: int


class TranslationOut(TranslationLineOut):
    """A revision for display in another language; its digest stays the original's, and answers are to the original."""

    questionnaire: str
    missing: list[str] = Field(description="Pointers of the texts that stand in the original's language.")
    definition: dict[str, Any]
