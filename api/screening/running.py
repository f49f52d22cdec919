"""The job that compares the names of a submission with the lists.

Invariants: candidates and the end of the screening are one transaction: a screening that waits, or failed, has none; a
second run changes nothing; no transaction is open while an outside service is asked.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from api import clock, ids
from api.audit.service import record
from api.catalogue.service import Catalogue
from api.db.session import Sessions, TenantSession, unit_of_work
from api.definitions.reading import pinned
from api.ids import TenantId
from api.screening.models import Screening, ScreeningCandidate
from api.screening.providers import DatedList, LoadedLists, Match, ProviderError
from api.screening.service import allows
from api.screening.yente import Yente
from api.settings import Settings
from api.submissions.models import Submission
from api.submissions.service import terms_of
from questionnaires import library
from questionnaires.names import NotInstalledError
from questionnaires.screening import Named, names_in


class Outcome(NamedTuple):
    """What a screening found."""

    places: Sequence[Named]
    lists: Sequence[DatedList]
    matches: Sequence[Match]
    matcher: str


def run(sessions: Sessions, settings: Settings, *, tenant: UUID, screening: UUID) -> None:
    """Do a screening, unless it is done; tell in it what went wrong."""
    owner = TenantId(tenant)
    try:
        outcome = _look(sessions, settings, owner, screening)
    except ProviderError as error:
        _finish(sessions, owner, screening, None, error.code)
    except NotInstalledError:
        _finish(sessions, owner, screening, None, "not_installed")
    else:
        if outcome is not None:
            _finish(sessions, owner, screening, outcome, None)


def _look(sessions: Sessions, settings: Settings, owner: TenantId, screening: UUID) -> Outcome | None:
    with unit_of_work(sessions, owner) as session:
        asked = session.get(Screening, (owner, screening))
        if asked is None or asked.state != "waiting":
            return None
        places = _names(session, asked)
        names = sorted({place.name for place in places})
        if asked.outside and not all(allows(session, TenantId(party)) for party in {owner, asked.subject_id}):
            raise ProviderError("outside_not_allowed")
        loaded = LoadedLists(session)
        lists, matches, matcher = [*loaded.lists()], [*loaded.find(names)], loaded.matcher
        outside = asked.outside
    if outside:
        service = Yente(settings)
        try:
            lists, matches = [*lists, *service.lists()], [*matches, *service.find(names)]
        finally:
            service.close()
        matcher = f"{matcher}, {service.matcher}"
    if not lists:
        raise ProviderError("no_lists")
    return Outcome(places, lists, matches, matcher)


def _names(session: TenantSession, asked: Screening) -> Sequence[Named]:
    submission = session.get_one(Submission, (asked.subject_id, asked.submission_id))
    digest = terms_of(submission)["questionnaire"]
    questionnaire = library.questionnaires().get(digest)
    if questionnaire is None:
        questionnaire = pinned(session, _catalogue(), submission.issuer_id, digest).questionnaire
    return names_in(questionnaire, submission.answers)


@cache
def _catalogue() -> Catalogue:
    """Return the catalogue of a worker, which has no application: loading it takes a second."""
    return Catalogue()


def _finish(sessions: Sessions, owner: TenantId, screening: UUID, outcome: Outcome | None, failure: str | None) -> None:
    with unit_of_work(sessions, owner) as session:
        query = select(Screening).where(Screening.tenant_id == owner, Screening.id == screening)
        asked = session.scalars(query.with_for_update()).one_or_none()
        if asked is None or asked.state != "waiting":
            return  # another run was first
        asked.finished_at = clock.now()
        if outcome is None:
            asked.state, asked.failure = "failed", failure
        else:
            asked.state, asked.matcher, asked.names = "done", outcome.matcher, len({p.name for p in outcome.places})
            asked.lists = [{**one._asdict(), "dated": one.dated.isoformat()} for one in outcome.lists]
            session.add_all(_candidates(asked, outcome))
        session.flush()
        record(session, None, "screening.done" if outcome is not None else "screening.failed", screening)
        session.commit()


def _candidates(asked: Screening, outcome: Outcome) -> Sequence[ScreeningCandidate]:
    """Return a candidate for each place of each name that is like a record; the best stand on the first page."""
    places: dict[str, list[Named]] = {}
    for place in outcome.places:
        places.setdefault(place.name, []).append(place)
    matches = sorted(outcome.matches, key=lambda m: (m.score, m.list.code, m.record, m.name))
    return [
        ScreeningCandidate(
            tenant_id=asked.tenant_id, id=ids.uuid7(), screening_id=asked.id, subject_id=asked.subject_id,
            submission_id=asked.submission_id, question=place.question, row_id=place.row, field=place.field,
            name=place.name, list_code=match.list.code, list_title=match.list.title, list_dated=match.list.dated,
            list_digest=match.list.digest, record=match.record, matched=match.matched, score=match.score, state="open",
        )
        for match in matches
        for place in places[match.name]
    ]  # fmt: skip
