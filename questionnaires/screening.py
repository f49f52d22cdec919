"""Screening: the names in a submission against the entries of dated lists.

Invariants: what is found is a candidate, which only a person confirms or dismisses; the same names against the same
lists give the same candidates in the same order; a name is compared with the entries that share some of its rarer
runs of letters, not with all.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from questionnaires.definition import AnswerField, OrganisationField, Questionnaire, TableField
from questionnaires.documents import SHOWS_VALUE, Document, iterate
from questionnaires.names import Name, read_name, score

MATCHER = "enduse-names/1"
"""Which matcher found a candidate; a change of scores is a new number."""
THRESHOLD = 8_000
"""Candidates have at least this score."""
MOST_PER_NAME = 20
"""Candidates of one name, the best ones."""
MOST_NAMES = 2_000
"""Names of one submission that are compared."""

TEXTS = {
    "BUY-01.end_user": False, "SCP-01.entities": True, "PRD-17.makers": True, "OWN-06.deals.business": False,
    "INV-03.sites.seller": False,
}  # fmt: skip
"""Free text of the shipped questionnaires that names buyers, end users, makers, intermediaries, entities of the group;
and whether it is a list. Fields of the kind organisation (owners) are read in every questionnaire."""
_APART = re.compile(r"[;,\n\r•|]+")
_RUN = 3
_BUDGET = 2_500
"""Entries that the runs of a name may point to, all together; the rarest runs come first."""
_FEWEST_RUNS = 6
_SCORED = 50


class Named(NamedTuple):
    """A name in an answer and where it stands; `row` is empty for the company."""

    question: str
    row: str
    field: str
    name: str


class Entry(NamedTuple):
    """A record of a list with all names that the list gives it."""

    list: str
    record: str
    names: tuple[str, ...]


class Hit(NamedTuple):
    """An entry that a name is like."""

    entry: Entry
    matched: str
    score: int


def names_in(questionnaire: Questionnaire, document: Document) -> list[Named]:
    """Return every name that the answers give, once for each place; in the order of question, row and field."""
    found: set[Named] = set()
    for _, key, answer in iterate(document):
        if answer["state"] in SHOWS_VALUE and key.question in questionnaire.questions:
            fields = questionnaire.questions[key.question].fields
            for field, name in _names(key.question, fields, answer.get("value") or {}):
                found.add(Named(key.question, key.row, field, name))
    return sorted(found)[:MOST_NAMES]


def _names(question: str, fields: dict[str, AnswerField], value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field, said in value.items():
        kind = fields.get(field)
        if isinstance(kind, TableField) and isinstance(said, list):
            for row in said:
                for column, cell in row.items():
                    path = f"{field}.{column}"
                    for name in _split(question, path, kind.columns.get(column), cell):
                        yield path, name
        else:
            for name in _split(question, field, kind, said):
                yield field, name


def _split(question: str, path: str, kind: object, said: object) -> list[str]:
    if isinstance(kind, OrganisationField) and isinstance(said, dict):
        parts = [str(said.get("name", ""))]
    elif isinstance(said, str) and f"{question}.{path}" in TEXTS:
        parts = _APART.split(said) if TEXTS[f"{question}.{path}"] else [said]
    else:
        parts = []
    return [part for part in (" ".join(part.split()) for part in parts) if len(part) > 1]


class Index:
    """Entries, found by the runs of letters in their names."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Read every name of every entry."""
        self._names: list[tuple[Entry, str, Name]] = []
        self._by_run: dict[str, list[int]] = {}
        for entry in entries:
            for text in dict.fromkeys(entry.names):
                name = read_name(text)
                if name.words:
                    for run in _runs(name):
                        self._by_run.setdefault(run, []).append(len(self._names))
                    self._names.append((entry, text, name))

    def find(self, text: str, threshold: int = THRESHOLD) -> list[Hit]:
        """Return the entries that a name is like, each with its likest name; the best first."""
        name = read_name(text)
        best: dict[tuple[str, str], Hit] = {}
        for place in self._near(name):
            entry, matched, listed = self._names[place]
            hit = Hit(entry, matched, score(name, listed))
            known = best.get(entry[:2])
            if hit.score >= threshold and (known is None or _order(hit) < _order(known)):
                best[entry[:2]] = hit
        return sorted(best.values(), key=_order)[:MOST_PER_NAME]

    def _near(self, name: Name) -> Sequence[int]:
        lists = sorted((self._by_run[run] for run in _runs(name) if run in self._by_run), key=len)
        seen: Counter[int] = Counter()
        spent = 0
        for number, places in enumerate(lists):
            spent += len(places)
            if number >= _FEWEST_RUNS and spent > _BUDGET:
                break
            seen.update(places)
        return [place for place, _ in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0]))[:_SCORED]]


def _order(hit: Hit) -> tuple[int, str, str, str]:
    return (-hit.score, hit.entry.list, hit.entry.record, hit.matched)


def _runs(name: Name) -> list[str]:
    """Return the runs of letters of a name's words, their beginnings marked, and its pairs of characters."""
    padded = [f"^{word}$" for word in (*name.words, name.joined)]
    runs = {word[i : i + _RUN] for word in padded for i in range(max(1, len(word) - _RUN + 1))}
    runs |= {name.characters[i : i + 2] for i in range(len(name.characters) - 1)}
    return sorted(runs)
