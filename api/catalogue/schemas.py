"""Wire models of the catalogue."""

from api.http.schemas import Wire


class RevisionOut(Wire):
    """A revision, named and known by its digest."""

    id: str
    revision: str
    title: str
    digest: str


class CriteriaOut(RevisionOut):
    """A criteria revision: the questionnaire it reads and the engine that computes it."""

    engine: int
    questionnaire: str
