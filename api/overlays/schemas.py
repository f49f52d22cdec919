"""Wire models of overlays."""

from typing import Any

from pydantic import Field

from api.http.schemas import Moment, Wire


class OverlayOut(Wire):
    """A published overlay revision."""

    id: str
    revision: str
    title: str
    digest: str = Field(description="By which the overlay is named.")
    base: str = Field(description="Digest of the standard criteria that it lies on.")
    criteria: str = Field(description="Digest of the criteria that it makes of them; it binds both.")
    published_at: Moment


class OverlayTextOut(OverlayOut):
    """A published overlay revision with all that it says."""

    definition: dict[str, Any]
