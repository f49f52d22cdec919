"""Revisions: published definitions, immutable, known by digest.

Invariant: the digest is that of the whole model's canonical JSON, so comments, key order and YAML style do not count.
"""

from typing import Any

from pydantic import BaseModel

from questionnaires.canonical import Digest, digest

ENGINES: tuple[int, ...] = (1, 2)
"""The engine versions that this release can run. Every released engine stays."""


def revision_json(revision: BaseModel) -> dict[str, Any]:
    """Return the JSON form in which a revision travels and is digested."""
    return revision.model_dump(mode="json", by_alias=True)


def revision_digest(revision: BaseModel) -> Digest:
    """Return the digest by which a revision is known."""
    return digest(revision_json(revision))
