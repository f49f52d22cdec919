"""What a re-scoring does to attestations: one whose band newer revisions change is suspended.

Invariants: an assessment counts against an attestation only where neither its criteria nor its context are older than
the attestation's, and one of them is newer: of the same id, with a higher revision; the newest such assessment decides.
What an overlay of one's own gives is no reason.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.assessments.models import StoredAssessment
from api.catalogue.service import Catalogue
from api.contexts.service import find_context
from api.db.session import TenantSession
from api.standing import service as standing
from api.standing.models import Attestation

Revision = tuple[int, str]


def settle(
    session: TenantSession, catalogue: Catalogue, issuer: UUID, submissions: Iterable[UUID]
) -> list[standing.Change]:
    """Bring what suspends attestations in line with the assessments that are kept; return what changed.

    The caller holds the submissions (`standing.hold`).
    """
    changes = []
    for attestation in standing.attestations_of(session, issuer, submissions):
        since = _changed_since(session, catalogue, attestation)
        changes += standing.put(session, attestation, "context_changed", since)
    return changes


def _changed_since(session: TenantSession, catalogue: Catalogue, attestation: Attestation) -> datetime | None:
    """Return when the newest assessment under newer revisions was made, if its band differs; else None."""
    stated = json.loads(attestation.statement)["predicate"]
    kept = StoredAssessment
    query = select(
        kept.id, kept.assessed_on, kept.made_at, kept.context_digest, kept.criteria_digest,
        kept.result["company"].label("company"),
    ).where(
        kept.tenant_id == attestation.tenant_id, kept.submission_id == attestation.submission_id,
        kept.overlay_digest.is_(None),
    )  # fmt: skip
    ranked = []
    for row in session.execute(query):
        rank = _rank(session, catalogue, stated, (row.context_digest, row.criteria_digest))
        if rank is not None:
            ranked.append(((*rank, row.assessed_on, row.id), row))
    if not ranked:
        return None
    _, newest = max(ranked, key=lambda one: one[0])
    made_at: datetime = newest.made_at
    return made_at if printed(newest.company) != printed(stated["result"]["company"]) else None


def printed(company: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the band as the document prints it: one name, or the range of what is not rated."""
    return (company["band"],) if company["rated"] else (company["band_low"], company["band"])


def _rank(
    session: TenantSession, catalogue: Catalogue, stated: Mapping[str, Any], digests: tuple[str, str]
) -> tuple[Revision, Revision] | None:
    """Return how new an assessment's context and criteria are; None where they are not newer than those stated."""
    context, criteria = find_context(session, catalogue, digests[0]), catalogue.criteria.get(digests[1])
    if context is None or criteria is None:
        return None
    pairs = ((stated["context"], context.context), (stated["criteria"], criteria))
    if any(before["id"] != after.id for before, after in pairs):
        return None
    steps = [(_order(before["revision"]), _order(after.revision)) for before, after in pairs]
    if any(after < before for before, after in steps) or all(after == before for before, after in steps):
        return None
    return steps[0][1], steps[1][1]


def _order(revision: str) -> Revision:
    """Return what sorts revisions, numbers as well as days, months and years (as `library.find` does)."""
    return len(revision.partition("-")[0]), revision
