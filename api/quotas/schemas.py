"""Wire models of usage and quotas."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.schemas import Wire

LARGEST = 2**53 - 1
"""What every JSON reader takes for the integer it is."""
Count = Annotated[int, Field(ge=0, le=LARGEST)]


class MeasureOut(Wire):
    """What is used of what is allowed."""

    used: int
    allowed: int


class UsageOut(Wire):
    """What an organisation uses and may use."""

    organisation: UUID
    storage_bytes: MeasureOut = Field(
        description="Files of evidence, documents of attestations and exports, each file once."
    )
    open_requests: MeasureOut = Field(description="Requests that it issued and that are neither answered nor over.")


class QuotaIn(Wire):
    """What an organisation may use; null: what the installation allows everybody."""

    storage_bytes: Count | None
    open_requests: Count | None
