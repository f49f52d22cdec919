"""The catalogue of shipped revisions, and which criteria read which questionnaire.

Invariants: a revision is known by its digest and never changes; its schema is compiled once per process; criteria read
a questionnaire only where it is the one they were made for, or holds that one unchanged, and they find all they read.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from fastapi import Request

from api.catalogue.compiled import CompiledQuestionnaire, Shelf
from questionnaires import library
from questionnaires.canonical import Digest
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.linting.places import Places
from questionnaires.linting.use import check_use

Revision = TypeVar("Revision", Questionnaire, Criteria, Context)

UNSCORABLE = frozenset({"criterion-unfed", "rule-reads-nothing", "rule-choice-missing", "choice-not-in-table"})
"""Findings after which criteria cannot compute what they promise."""


class Catalogue:
    """The shipped revisions, and a shelf for those of tenants."""

    def __init__(self) -> None:
        """Load the shipped library."""
        self.questionnaires = library.questionnaires()
        self.criteria = library.criteria()
        self.contexts = library.contexts()
        self.shipped: Mapping[str, CompiledQuestionnaire] = {
            digest: CompiledQuestionnaire(Digest(digest), one) for digest, one in self.questionnaires.items()
        }
        self.shelf = Shelf()
        self._misfits: dict[tuple[str, str], Sequence[str]] = {}

    def questionnaire(self, name: str) -> CompiledQuestionnaire | None:
        """Return the shipped questionnaire revision that a digest, id or `id@revision` names."""
        found = _named(self.questionnaires, library.find(self.questionnaires, name))
        return None if found is None else self.shipped[found[0]]

    def criteria_for(self, name: str) -> tuple[Digest, Criteria] | None:
        """Return the criteria revision that a digest, id or `id@revision` names, with its digest."""
        return _named(self.criteria, library.find(self.criteria, name))

    def context(self, name: str) -> tuple[Digest, Context] | None:
        """Return the context snapshot that a digest, id or `id@revision` names, with its digest."""
        return _named(self.contexts, library.find(self.contexts, name))

    def base_of(self, asked: CompiledQuestionnaire) -> CompiledQuestionnaire | None:
        """Return the shipped questionnaire whose criteria can read another: itself, or the one that it extends."""
        derived = asked.questionnaire.derived_from
        if asked.digest in self.shipped or derived is None or derived.relation != "extends":
            return self.shipped.get(asked.digest)
        return self.shipped.get(derived.digest)

    def criteria_of(self, base: CompiledQuestionnaire) -> Sequence[tuple[Digest, Criteria]]:
        """Return the criteria revisions made for a shipped questionnaire, the newest first."""
        made = [(Digest(d), c) for d, c in self.criteria.items() if c.questionnaire == base.questionnaire.id]
        return sorted(made, key=lambda one: int(one[1].revision), reverse=True)

    def misfits(self, asked: CompiledQuestionnaire, digest: Digest) -> Sequence[str]:
        """Return what criteria would read and not find in a questionnaire; nothing where they can score it."""
        known = self._misfits.get((asked.digest, digest))
        if known is None:
            findings = check_use(asked.questionnaire, self.criteria[digest], Places(asked.questionnaire))
            known = tuple(dict.fromkeys(found.problem for found in findings if found.code in UNSCORABLE))
            if asked.digest in self.shipped:
                self._misfits[asked.digest, digest] = known
        return known


def catalogue_of(request: Request) -> Catalogue:
    """Return the application's catalogue."""
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


def _named(revisions: Mapping[str, Revision], revision: Revision | None) -> tuple[Digest, Revision] | None:
    if revision is None:
        return None
    return next(Digest(digest) for digest, known in revisions.items() if known is revision), revision
