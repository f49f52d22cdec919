"""Loading lists as the operator does."""

from sqlalchemy.orm import Session

from api.db.engine import open_engine
from api.screening.loading import Told, store
from api.screening.reading import read_list
from tests.databases import TestDatabase

HEAD = "name,alias,list,date,record\n"


def load(database: TestDatabase, text: str) -> None:
    """Load lists as the operator does."""
    engine = open_engine(database.owner_url, pool_size=1)
    try:
        with Session(engine) as session:
            store(session, text.encode(), read_list(text.encode(), None), Told(None, "Nobody", "CC0"))
            session.commit()
    finally:
        engine.dispose()
