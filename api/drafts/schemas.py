"""Wire models of drafts and of what is to be mended in them."""

from typing import Literal
from uuid import UUID

from api.http.schemas import Moment, Wire


class DraftLineOut(Wire):
    """A draft of something of one's own. `title` is what its text says, empty where it says none."""

    id: UUID
    title: str
    media_type: str
    version: int
    created_at: Moment
    saved_at: Moment


class FindingOut(Wire):
    """One thing to mend. `pointer` leads into the draft; `line` counts from 1 and is null for JSON."""

    code: str
    severity: Literal["error", "warning"]
    pointer: str
    line: int | None
    problem: str
    mend: str


class FindingsOut(Wire):
    """What is to be mended in a draft. Errors keep it from being published, warnings are the author's to weigh."""

    version: int
    errors: int
    warnings: int
    findings: list[FindingOut]
