"""Countersignatures as lines of plain text.

Invariants: what a certificate or an auditor says is shown as theirs; a holder that is not proven is never named;
an adverse opinion and a disclaimer stand in capitals.
"""

from collections.abc import Iterator

from attestations.countersignatures.contents import Assurance, Declaration
from attestations.countersignatures.findings import Finding, Findings
from attestations.countersignatures.own_signature import Holder
from attestations.statement import format_instant

Fact = tuple[str, str]
_LEVELS = {
    "reasonable": "reasonable assurance", "limited": "limited assurance",
    "agreed_upon_procedures": "agreed-upon procedures, no assurance",
}  # fmt: skip
_OPINIONS = {
    "unmodified": "unmodified", "qualified": "QUALIFIED", "adverse": "ADVERSE", "disclaimer": "DISCLAIMER of opinion",
}  # fmt: skip


def facts_of(findings: Findings) -> Iterator[Fact]:
    """Yield a label and a text for each line of a report."""
    yield "beside it", f"{len(findings.entries)} countersignatures, as of {format_instant(findings.as_of)}"
    for one in findings.entries:
        yield from _facts(one, current=findings.current)


def _facts(one: Finding, *, current: bool) -> Iterator[Fact]:
    content = one.act.content
    organisation = content.organisation.name
    if isinstance(content, Declaration):
        yield "declared by", f"{content.officer.name}, {content.officer.role}, of {organisation}, on {one.act.at}"
        yield "", f"{content.text.id}, version {content.text.version}: {content.text.text}"
    elif isinstance(content, Assurance):
        yield (
            "assurance by",
            (f"{content.practitioner.name}, {content.practitioner.role}, of {organisation}, dated {content.dated}"),
        )
        yield from _assurance(content)
    if one.holder is not None:
        yield from _holder(one.holder)
    if one.withdrawn_at is not None:
        yield "", f"WITHDRAWN on {one.withdrawn_at}: does not count"
    elif one.later or not current:
        yield "", "does not count" + (": made after the moment of verification" if one.later else "")
    elif not one.released:
        yield "", "does not count: not a text that this release knows"


def _assurance(content: Assurance) -> Iterator[Fact]:
    named = content.scope.sections or content.scope.leaves
    scope = {"whole": "the whole", "sections": "sections " + ", ".join(named), "leaves": f"{len(named)} leaves alone"}
    yield "", f"{_LEVELS[content.level]}, {content.standard}, of {scope[content.scope.kind]}"
    if content.opinion is not None:
        reasons = f": {content.opinion.reasons}" if content.opinion.reasons else ""
        yield "", f"opinion {_OPINIONS[content.opinion.kind]}{reasons}"
    for item in content.items:
        found = f"; found: {item.finding}" if item.finding else ""
        yield "", f"looked at leaf {item.leaf[7:19]}: {item.done}{found}"


def _holder(holder: Holder) -> Iterator[Fact]:
    own = holder.signature
    yield "", f"own signature ({own.form}, {own.algorithm}) of {format_instant(own.signed_at)}, as it says"
    if holder.root is None:
        yield "", "HOLDER NOT PROVEN: a key whose certificate no organisation root of yours vouches for"
    else:
        yield "", f"certificate of {own.certificate.subject.rfc4514_string()}"
        yield "", f"under the organisation root {holder.root.subject.rfc4514_string()}: compare the names"
