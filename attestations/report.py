"""The report of a verification: numbered steps and one outcome.

Invariants: three outcomes, not two; the outcome follows from the steps alone; a report is always "as of" a moment;
after a failure nothing that the file states is repeated as a fact; what no step looks at is said in every
report.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from attestations.in_toto import AnyStatement
from attestations.reasons import Reason
from attestations.statement import format_instant

if TYPE_CHECKING:
    from attestations.countersignatures.findings import Findings
    from attestations.sensitivity import Firmness

TITLES = {
    1: "structure and coverage",
    2: "signature and chain",
    3: "envelope",
    4: "digests",
    5: "score recomputed",
    6: "log",
    7: "status",
    8: "policy",
    9: "single leaf",
    10: "countersignatures",
}
"""The numbers and names of the steps, as in docs/attestation-format.md."""
BESIDE = 10
"""The step about what others say beside the attestation: it can fail it, and never leaves the outcome open."""


PAGES_NOT_COMPARED = (
    "The pages were not compared with the bundle: rely on the figures of this report, not on what the pages show."
)
NEVER_CHECKED = "Whether the declaration is true was not checked; no outcome says that a company respects human rights."


class Status(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    INDETERMINATE = "indeterminate"
    FAILED = "failed"
    NOT_RUN = "not run"
    NOT_APPLICABLE = "not applicable"


class Outcome(StrEnum):
    """What the verification says as a whole."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Step:
    """One step: its number, status, reason code, a plain sentence and, where there are several, every problem."""

    number: int
    status: Status
    reason: Reason
    sentence: str
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The step's name."""
        return TITLES[self.number]


@dataclass(frozen=True)
class SignerName:
    """Who signed: the subject of the certificate, the id of its key, and the subject of the root that issued it."""

    subject: str
    keyid: str
    root: str


@dataclass(frozen=True)
class Report:
    """What was verified, as of when, with which result.

    `signer` and `statement` are set once the statement's signature held (step 3).
    """

    kind: Literal["pdf", "bundle", "unknown"]
    at: datetime
    steps: tuple[Step, ...]
    statement: AnyStatement | None = None
    signer: SignerName | None = None
    result: Mapping[str, Any] | None = None
    """As much of the signed result as the file shows."""
    leaf: Mapping[str, Any] | None = None
    """The single leaf that was proven (step 9)."""
    proven_at: datetime | None = None
    """Since when the PDF's signature is proven to exist, by a trusted timestamp."""

    countersignatures: "Findings | None" = None
    """What others say beside it (step 10)."""

    firmness: "tuple[Firmness, ...] | None" = None
    """How firm the bands of the worst deployments are, where that was asked and the score recomputed (step 5)."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What no step looks at; of the pages only where there are figures to compare them with."""
        shown = self.kind == "pdf" and self.outcome is not Outcome.FAILED
        return (PAGES_NOT_COMPARED, NEVER_CHECKED) if shown else (NEVER_CHECKED,)

    @property
    def fails_wishes_alone(self) -> bool:
        """Whether every failed step only asked for more than that the file is genuine."""
        failed = [step.reason for step in self.steps if step.status is Status.FAILED]
        return bool(failed) and set(failed) == {Reason.POLICY}

    @property
    def facts(self) -> AnyStatement | None:
        """The statement, unless a step failed: then nothing in it may be relied on."""
        return None if self.outcome is Outcome.FAILED else self.statement

    @property
    def outcome(self) -> Outcome:
        """FAILED if a step failed, else INDETERMINATE if one of the attestation's own is, else PASSED."""
        statuses = {step.status for step in self.steps}
        if Status.FAILED in statuses:
            return Outcome.FAILED
        statuses = {step.status for step in self.steps if step.number != BESIDE}
        # a step that did not run proves nothing: without a failure before it, it must not pass for a success
        if statuses & {Status.INDETERMINATE, Status.NOT_RUN}:
            return Outcome.INDETERMINATE
        return Outcome.PASSED

    def to_json(self) -> dict[str, object]:
        """Return the report as JSON, for `enduse verify --json` and for services."""
        beside: dict[str, object] = {}
        if self.firmness is not None and self.facts:
            beside["sensitivity"] = [one.to_json() for one in self.firmness]
        return {
            **beside,
            "format": "enduse-report/1",
            "outcome": self.outcome.value,
            "kind": self.kind,
            "at": format_instant(self.at),
            "steps": [
                {
                    "number": step.number,
                    "title": step.title,
                    "status": step.status.value,
                    "reason": step.reason.value,
                    "sentence": step.sentence,
                    "problems": list(step.problems),
                }
                for step in self.steps
            ],
            "notes": list(self.notes),
            "signer": asdict(self.signer) if self.signer else None,
            "proven_at": format_instant(self.proven_at) if self.proven_at and self.facts else None,
            "statement": self.facts.model_dump(mode="json") if self.facts else None,
            "result": dict(self.result) if self.result and self.facts else None,
            "leaf": dict(self.leaf) if self.leaf and self.facts else None,
            "countersignatures": self.countersignatures.to_json() if self.countersignatures and self.facts else None,
        }
