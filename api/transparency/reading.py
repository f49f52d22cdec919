"""The record of a statement as it is handed out: what the log holds, and what the status list says now."""

from api import clock
from api.db.session import Sessions, unit_of_work
from api.settings import Settings
from api.transparency.published import PublishedHead
from api.transparency.service import record_of
from api.transparency.status import StatusKey, issue_list
from attestations import record as records


def read_record(
    sessions: Sessions, published: PublishedHead, settings: Settings, key: StatusKey, statement: str
) -> bytes | None:
    """Return the record of a statement, or None where the published log does not hold it."""
    with unit_of_work(sessions, None) as session:
        found = record_of(session, published, statement)
        if found is None:
            return None
        status = issue_list(session, settings.base_url, key, clock.now())
    return records.build(found.model_copy(update={"status": status}))
