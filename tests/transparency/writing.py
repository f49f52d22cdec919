"""A writer of the log in a process of its own: `python -m tests.transparency.writing FOLDER FIRST COUNT`.

It enters one entry after the other and gives places to what waits, and tells each number once it is committed. The
address of the database comes from ENDUSE_DATABASE_URL.
"""

import os
import sys
from pathlib import Path

from api.db.engine import open_engine
from api.db.session import sessions_on, unit_of_work
from api.settings import Settings
from api.transparency.sequencing import sequence
from api.transparency.service import enter
from tests.transparency.test_log import BASE_URL, EVERYTHING, issue


def main(folder: str, first: str, count: str) -> None:
    """Write some entries."""
    settings = Settings(data_folder=Path(folder), base_url=BASE_URL)
    engine = open_engine(os.environ["ENDUSE_DATABASE_URL"], pool_size=2)
    sessions = sessions_on(engine)
    for number in range(int(first), int(first) + int(count)):
        with unit_of_work(sessions, None) as session:
            enter(session, issue(number))
            session.commit()
        print(number, flush=True)  # noqa: T201  # told to whoever started it
        sequence(sessions, settings, pending=EVERYTHING)
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
