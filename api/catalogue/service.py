"""The catalogue of revisions.

Invariants: a revision is known by its digest and never changes; its schema is compiled once per process.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

from fastapi import Request

from questionnaires import library
from questionnaires.answers import AnswerValidator
from questionnaires.canonical import Digest, canonical_bytes, digest_bytes
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_json

Revision = TypeVar("Revision", Questionnaire, Criteria, Context)


class Catalogue:
    """The revisions that this service knows."""

    def __init__(self) -> None:
        """Load the shipped library and compile the validators."""
        self.questionnaires = library.questionnaires()
        self.criteria = library.criteria()
        self.contexts = library.contexts()
        self.validators: Mapping[str, AnswerValidator] = {
            digest: AnswerValidator(questionnaire) for digest, questionnaire in self.questionnaires.items()
        }

    def questionnaire(self, name: str) -> tuple[Digest, Questionnaire] | None:
        """Return the questionnaire revision that a digest, id or `id@revision` names, with its digest."""
        return _named(self.questionnaires, library.find(self.questionnaires, name))

    def criteria_for(self, name: str) -> tuple[Digest, Criteria] | None:
        """Return the criteria revision that a digest, id or `id@revision` names, with its digest."""
        return _named(self.criteria, library.find(self.criteria, name))

    def context(self, name: str) -> tuple[Digest, Context] | None:
        """Return the context snapshot that a digest, id or `id@revision` names, with its digest."""
        return _named(self.contexts, library.find(self.contexts, name))

    def criteria_of(self, questionnaire: Questionnaire) -> str:
        """Return the id of the criteria made for a questionnaire."""
        return next(c.id for c in self.criteria.values() if c.questionnaire == questionnaire.id)

    @cached_property
    def definitions(self) -> Mapping[str, dict[str, Any]]:
        """Every questionnaire revision as JSON, by digest."""
        return {digest: revision_json(questionnaire) for digest, questionnaire in self.questionnaires.items()}

    @cached_property
    def documents(self) -> Mapping[str, tuple[bytes, str]]:
        """Every questionnaire revision and every schema as canonical bytes with a tag, by `kind/digest`."""
        found: dict[str, bytes] = {}
        for digest, definition in self.definitions.items():
            found[f"questionnaire/{digest}"] = canonical_bytes(definition)
            found[f"schema/{digest}"] = canonical_bytes(self.validators[digest].schema)
        return {key: (data, digest_bytes(data)) for key, data in found.items()}


def catalogue_of(request: Request) -> Catalogue:
    """Return the application's catalogue."""
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


def _named(revisions: Mapping[str, Revision], revision: Revision | None) -> tuple[Digest, Revision] | None:
    if revision is None:
        return None
    return next(Digest(digest) for digest, known in revisions.items() if known is revision), revision
