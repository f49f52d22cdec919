"""What is to be mended in a draft: findings with their lines, and the refusal that tells them."""

from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from api.drafts.names import namespace_of, own_id
from api.problems import Flaw, Refusal
from questionnaires.linting.catalogue import Finding
from questionnaires.linting.sources import Source

MOST_TOLD = 200
T = TypeVar("T")


class Examined(NamedTuple, Generic[T]):
    """A draft as it was read: its version, what it says if the model takes it, and every finding."""

    version: int
    content: T | None
    findings: Sequence[Finding]

    @property
    def errors(self) -> int:
        """How many findings keep it from being published."""
        return sum(found.severity == "error" for found in self.findings)

    def refusal(self) -> Refusal:
        """Return the refusal to publish, with every error."""
        flaws = [
            Flaw(
                found.pointer,
                found.code,
                f"{'' if found.line is None else f'Line {found.line}: '}{found.problem}. {found.mend}",
            )
            for found in self.findings
            if found.severity == "error"
        ]
        return Refusal("invalid", "Mend every error named in errors, and publish again.", flaws[:MOST_TOLD])


def place(source: Source, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return findings with the lines at which they stand."""
    return [found._replace(line=found.line or source.line_of(found.pointer)) for found in findings]


def check_id(tenant: UUID, written: str) -> Iterator[Finding]:
    """Yield what is wrong with the id of a draft."""
    if own_id(tenant, written) is None:
        problem = "the id is another organisation's, or too long to be made your own"
        mend = f"Choose a shorter id of your own; it is published as {namespace_of(tenant)}ID."
        yield Finding("id-not-own", "error", "/id", None, problem, mend)
