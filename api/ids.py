"""The only place that makes ids.

Invariant: ids are UUIDv7 made by the program, never by the database, so that a row's id is known before it is written
and ids of one table sort by the time they were made.
"""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7

TenantId = NewType("TenantId", UUID)
"""The organisation in whose name a transaction runs; comes from `api.tenancy.tenant_of` or from a job's arguments."""

OrganisationId = TenantId
"""An organisation is the tenant: one identity, two words for the two points of view."""

ClientId = NewType("ClientId", UUID)
RequestId = NewType("RequestId", UUID)
SubmissionId = NewType("SubmissionId", UUID)
EvidenceId = NewType("EvidenceId", UUID)
GradingId = NewType("GradingId", UUID)
GrantId = NewType("GrantId", UUID)
AttestationId = NewType("AttestationId", UUID)


def uuid7() -> UUID:
    """Return a new id: 48 bits of the time in milliseconds, the rest random or counting up (RFC 9562, version 7)."""
    return _uuid7()
