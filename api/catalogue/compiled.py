"""A questionnaire revision ready for use.

Invariant: a revision never changes, so what was made from it once, schemas and checks, stays right for good.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import Any

from questionnaires.answers import AnswerValidator
from questionnaires.canonical import Digest, canonical_bytes, digest_bytes
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_json
from questionnaires.schema import document_schema

MOST_OWN = 64
"""Revisions of tenants that a process keeps compiled; the longest unused goes first."""


class CompiledQuestionnaire:
    """A revision with its digest and what is made from it; each part is made when it is first needed."""

    def __init__(self, digest: Digest, questionnaire: Questionnaire) -> None:
        """Take a revision that is known by this digest."""
        self.digest = digest
        self.questionnaire = questionnaire
        self.validator = AnswerValidator(questionnaire)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The revision as JSON."""
        return revision_json(self.questionnaire)

    @cached_property
    def documents(self) -> Mapping[str, tuple[bytes, str]]:
        """The revision and its schemas as canonical bytes with a tag, by kind."""
        made = {
            "questionnaire": canonical_bytes(self.definition),
            "schema": canonical_bytes(self.validator.schema),
            "partial": canonical_bytes(document_schema(self.questionnaire, partial=True)),
        }
        return {kind: (data, digest_bytes(data)) for kind, data in made.items()}


class Shelf:
    """The tenants' revisions that a process used last. Whoever asks it has seen a row that names the digest."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: OrderedDict[str, CompiledQuestionnaire] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: Digest, load: Callable[[], str]) -> CompiledQuestionnaire:
        """Return the revision of a digest; `load` gives its JSON where it is not kept."""
        with self._lock:
            found = self._kept.get(digest)
            if found is not None:
                self._kept.move_to_end(digest)
                return found
        made = CompiledQuestionnaire(digest, Questionnaire.model_validate_json(load()))
        with self._lock:
            self._kept[digest] = made
            while len(self._kept) > MOST_OWN:
                self._kept.popitem(last=False)
        return made
