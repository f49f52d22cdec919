"""The shipped questionnaires, criteria and context snapshots: the one place of this package that reads files.

Invariants: every scalar of a YAML file is read as text and typed by the model, so that `NO`, `yes` and `012` stay what
the author wrote; a released revision is never edited.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TypeVar

import yaml

from questionnaires.context import Context
from questionnaires.criteria import Criteria
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest

Revision = TypeVar("Revision", Questionnaire, Criteria, Context)
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader  # libyaml reads the library ten times as fast


@cache
def questionnaires() -> dict[str, Questionnaire]:
    """Return every shipped questionnaire revision by digest."""
    return _load("questionnaires", Questionnaire)


@cache
def criteria() -> dict[str, Criteria]:
    """Return every shipped criteria revision by digest."""
    return _load("criteria", Criteria)


@cache
def contexts() -> dict[str, Context]:
    """Return every shipped context snapshot by digest."""
    return _load("contexts", Context)


@cache
def released() -> Mapping[str, Mapping[str, str]]:
    """Return the digest of every shipped revision by kind (a folder's name) and `id@revision`, without reading any.

    A verifier needs digests only, and reading the revisions takes a tenth of a second; a test holds both equal.
    """
    index = resources.files(__name__) / "released.json"
    listed: dict[str, dict[str, str]] = json.loads(index.read_text(encoding="utf-8"))
    return listed


def find(revisions: dict[str, Revision], name: str) -> Revision | None:
    """Return the revision that a digest, `id` (its newest) or `id@revision` names, or None."""
    if name in revisions:
        return revisions[name]
    id_, _, revision = name.partition("@")
    named = [r for r in revisions.values() if r.id == id_ and revision in {"", r.revision}]
    return max(named, key=lambda r: (len(r.revision.partition("-")[0]), r.revision), default=None)


def read_yaml(text: str) -> object:
    """Return the parsed YAML with every scalar as text."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  # the base loaders make text, lists and maps only


def _load(folder: str, model: type[Revision]) -> dict[str, Revision]:
    found: dict[str, Revision] = {}
    for file in sorted((resources.files(__name__) / folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            revision = model.model_validate(read_yaml(file.read_text(encoding="utf-8")))
            found[revision_digest(revision)] = revision
    return found
