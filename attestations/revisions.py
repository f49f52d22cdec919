"""Revisions as the engine needs them: models read from a bundle, and the shipped snapshot of a context.

Invariant: the last few are kept, by their very bytes, because one process verifies many attestations of one revision.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from questionnaires import library
from questionnaires.canonical import canonical_bytes
from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire

if TYPE_CHECKING:
    from questionnaires.answers import AnswerValidator


@lru_cache(maxsize=4)
def read_questionnaire(data: bytes) -> "AnswerValidator":
    """Return the questionnaire of canonical bytes with the checks of its answers; raise ValueError."""
    from questionnaires.answers import AnswerValidator

    return AnswerValidator(Questionnaire.model_validate_json(data))


def holds_its_base(revision: Mapping[str, Any]) -> bool:
    """Return whether a questionnaire keeps the promise to extend a shipped one; the shipped ones are read for it."""
    from questionnaires.ancestry import check_derivation

    try:
        questionnaire = read_questionnaire(canonical_bytes(revision)).questionnaire
    except ValueError:
        return False
    derived = questionnaire.derived_from
    base = None if derived is None else library.questionnaires().get(derived.digest)
    return base is not None and not check_derivation(questionnaire, base)


@lru_cache(maxsize=4)
def read_criteria(data: bytes) -> Criteria:
    """Return the criteria of canonical bytes; raise ValueError, for an investor's own criteria too.

    An overlay is one organisation's reading: no attestation is made of it, whatever the digest that is accepted.
    """
    criteria = Criteria.model_validate_json(data)
    if criteria.based_on is not None:
        raise ValueError("these criteria are an investor's own, and attestations are of the standard")
    return criteria


def find_snapshot(digest: str) -> Context | None:
    """Return the shipped context snapshot of a digest; None, without reading any, where it is not shipped."""
    if digest not in library.released()["contexts"].values():
        return None
    return library.contexts().get(digest)
