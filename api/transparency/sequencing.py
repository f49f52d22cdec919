"""The job that gives pending entries their places and publishes the new head.

Invariant: it may run any number of times, at once and after any crash: what has a place keeps it, and the head that the
world sees never goes back.
"""

from uuid import UUID

from api.db.session import Sessions, unit_of_work
from api.settings import Settings
from api.transparency.keys import load_log_key
from api.transparency.published import open_published
from api.transparency.service import publish
from api.transparency.service import sequence as sequence_pending

FOLDER = "keys"


def sequence(sessions: Sessions, settings: Settings, *, pending: UUID) -> None:  # noqa: ARG001  # all that is pending
    """Put everything that is pending into the log, and publish."""
    key = load_log_key(settings.data_folder / FOLDER, settings.base_url, create=False)
    published = open_published(settings, key.public)
    while True:
        with unit_of_work(sessions, None) as session:
            placed = sequence_pending(session, key, published)
            session.commit()
        if not placed:
            break
    with unit_of_work(sessions, None) as session:
        publish(session, published, key)
        session.commit()
