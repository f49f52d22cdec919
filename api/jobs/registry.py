"""Which function does which job.

Invariants: features lie above this package, so they stand here by name and are loaded when a job first needs them; a
handler sets its tenant first, and a second run of the same job changes nothing.
"""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast
from uuid import UUID

from api.db.session import Sessions
from api.db.tables import load_models
from api.settings import Settings

HANDLERS: Mapping[str, str] = {
    "attesting.render": "api.attesting.rendering:render",
    "publication.publish": "api.publication.publishing:publish",
    "assessments.rescore": "api.assessments.rescoring:rescore",
    "transparency.sequence": "api.transparency.sequencing:sequence",
    "directory.mail_claim": "api.directory.mailing:mail_claim",
    "privacy.export": "api.privacy.exporting:render",
    "privacy.tend": "api.privacy.retention:tend",
    "screening.run": "api.screening.running:run",
    "evidence.tidy": "api.privacy.removal:tidy",
}
"""Task name to `module:function`."""

PERIODIC: Mapping[str, tuple[str, str]] = {
    "privacy.tend_all": ("41 2 * * *", "api.privacy.retention:tend_all"),
    "transparency.note_heads": ("7 0 * * *", "api.transparency.audit_heads:note_heads"),
}
"""Task name to when it is done (cron, UTC) and `module:function`; it takes no ids."""


class Handler(Protocol):
    """Does one job; raises to have it tried again later."""

    def __call__(self, sessions: Sessions, settings: Settings, **ids: UUID) -> None:
        """Do the job that the ids name."""


def load_handler(target: str) -> Handler:
    """Return the function that `module:function` names; raise ImportError or AttributeError where there is none."""
    load_models()
    module, _, function = target.partition(":")
    return cast("Handler", getattr(importlib.import_module(module), function))
