"""What is declared, assured or withdrawn: the content, whose canonical bytes an organisation may sign itself.

Invariants: as for statements (strict types, unknown fields refused); the content holds no moment and no id of the act,
so that its bytes are known before the act; which words an officer declares, `texts` says.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from attestations.statement import Day, DigestText, Id, Part, Party, Person
from questionnaires.canonical import canonical_bytes

MOST_ITEMS, MOST_LEAVES = 500, 1000
Level: TypeAlias = Literal["agreed_upon_procedures", "limited", "reasonable"]
"""Terms of ISAE 3000 (Revised); agreed-upon procedures, which assure nothing, of ISRS 4400 (Revised)."""
OpinionKind: TypeAlias = Literal["unmodified", "qualified", "adverse", "disclaimer"]
Words: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Short: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DeclaredText(Part):
    """A text by its name, and its words."""

    id: Short
    version: Short
    text: Words


class _Content(Part):
    statement: DigestText
    attestation: Id
    organisation: Party


class Declaration(_Content):
    """What an officer of the respondent declares."""

    format: Literal["enduse-declaration/1"] = "enduse-declaration/1"
    officer: Person
    text: DeclaredText


class Scope(Part):
    """How much of the attestation is spoken of."""

    kind: Literal["whole", "sections", "leaves"]
    sections: Annotated[tuple[Short, ...], Field(strict=False, max_length=26)]
    leaves: Annotated[tuple[DigestText, ...], Field(strict=False, max_length=MOST_LEAVES)]

    @model_validator(mode="after")
    def _one_kind(self) -> "Scope":
        if bool(self.sections) != (self.kind == "sections") or bool(self.leaves) != (self.kind == "leaves"):
            raise ValueError("the list of the scope's kind, and no other, has something in it")
        return self


class Item(Part):
    """A leaf that was looked at: what was done, and what was found."""

    leaf: DigestText
    done: Words
    finding: Words | None


class Opinion(Part):
    """The conclusion, and the reasons for any but an unmodified one."""

    kind: OpinionKind
    reasons: Words | None

    @model_validator(mode="after")
    def _has_reasons(self) -> "Opinion":
        if (self.kind == "unmodified") != (self.reasons is None):
            raise ValueError("every opinion but an unmodified one has reasons")
        return self


class Assurance(_Content):
    """What an auditor says after an engagement."""

    format: Literal["enduse-assurance/1"] = "enduse-assurance/1"
    practitioner: Person
    standard: Short
    dated: Day
    level: Level
    scope: Scope
    items: Annotated[tuple[Item, ...], Field(strict=False, max_length=MOST_ITEMS)]
    opinion: Opinion | None

    @model_validator(mode="after")
    def _has_opinion(self) -> "Assurance":
        if (self.level == "agreed_upon_procedures") != (self.opinion is None):
            raise ValueError("an assurance has an opinion, agreed-upon procedures have none")
        return self

    @property
    def named_leaves(self) -> set[str]:
        """The digests of all leaves that it names."""
        return {*self.scope.leaves, *(item.leaf for item in self.items)}


class Withdrawal(_Content):
    """That whoever made an entry takes it back."""

    format: Literal["enduse-withdrawal/1"] = "enduse-withdrawal/1"
    entry: DigestText
    reason: Words | None


Content: TypeAlias = Declaration | Assurance | Withdrawal


def content_bytes(content: Content) -> bytes:
    """Return the canonical bytes of a content: what an organisation's own signature is over."""
    return canonical_bytes(content.model_dump(mode="json"))
