"""From what was asked to the content that is signed.

Invariants: the same request about the same attestation gives the same bytes; what names a section or a leaf that the
attestation does not have is refused, every problem at once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from api import clock
from api.countersigning.schemas import AssuranceIn, CountersignatureIn
from api.problems import Flaw, Refusal
from attestations.bundle import Bundle
from attestations.countersignatures.contents import Assurance, Declaration, content_bytes
from attestations.countersignatures.texts import OFFICER, TEXTS
from attestations.countersignatures.verifying import Attested
from attestations.statement import read_instant

MAX_CONTENT = 256 * 1024
"""Bytes of an assurance: 500 items of a paragraph each."""


def declaration_of(attested: Attested, asked: CountersignatureIn) -> Declaration:
    """Return the declaration of an officer of the respondent."""
    version = asked.text_version
    return Declaration.model_validate(
        {
            **_names(attested),
            "organisation": attested.statement.respondent.model_dump(),
            "officer": asked.officer.model_dump(),
            "text": {"id": OFFICER, "version": version, "text": TEXTS[OFFICER, version]},
        }
    )


def assurance_of(attested: Attested, bundle: Bundle, organisation: Mapping[str, str], asked: AssuranceIn) -> Assurance:
    """Return the assurance of an auditor; raise Refusal for what the attestation does not have."""
    flaws = [
        Flaw(f"/scope/{kind}/{at}", "unknown", "The attestation has no such thing.")
        for kind, known in (("sections", attested.sections), ("leaves", attested.leaves))
        for at, name in enumerate(getattr(asked.scope, kind))
        if name not in known
    ]
    items = _items(attested, bundle, asked, flaws)
    if asked.dated > clock.today():
        flaws.append(Flaw("/dated", "future", "Name the day of the report, which is not ahead."))
    if asked.dated < read_instant(attested.statement.issued_at).date() - timedelta(days=1):
        flaws.append(Flaw("/dated", "past", "Name the day of the report: not one before the attestation."))
    if flaws:
        raise Refusal("invalid", "Correct every problem named in errors.", flaws)
    content = Assurance.model_validate(
        {
            **_names(attested),
            "organisation": organisation,
            "items": items,
            "dated": asked.dated.isoformat(),
            **asked.model_dump(include={"practitioner", "standard", "level", "scope", "opinion"}),
        }
    )
    if len(content_bytes(content)) > MAX_CONTENT:
        raise Refusal("invalid", f"Say it in {MAX_CONTENT // 1024} KiB.")
    return content


def _names(attested: Attested) -> dict[str, str]:
    return {"statement": attested.digest, "attestation": attested.statement.attestation}


def _items(attested: Attested, bundle: Bundle, asked: AssuranceIn, flaws: list[Flaw]) -> list[dict[str, Any]]:
    """Return the items with the digests of their leaves; what is not there goes into `flaws`."""
    answers = {
        (one.leaf["question"], one.leaf["row"]): one.digest
        for one in bundle.disclosures
        if one.leaf["kind"] == "answer"
    }
    items = []
    for at, item in enumerate(asked.items):
        leaf = item.leaf or answers.get((item.question, item.row))
        if leaf is None or leaf not in attested.leaves:
            flaws.append(Flaw(f"/items/{at}", "unknown", "The attestation has no such leaf."))
            continue
        items.append({"leaf": leaf, "done": item.done, "finding": item.finding})
    return items
