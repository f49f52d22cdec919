"""Names made comparable, and how alike two of them are.

Invariants: the same two names give the same whole number on every machine, with the two names exchanged too; accents,
case, punctuation, the order of words, legal forms and the script count for nothing or little; what tells one body from
another (its place, its field) counts twice what a word like "bureau" counts. A likeness is a hint and never a finding.
"""

import importlib
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple, cast

WHOLE = 10_000
"""The score of two names that are the same."""
LIKE_WORD = 7_500
"""From here on two words of four letters or more count as one word spelled differently."""
LIKE_WHOLE = 9_200
"""From here on two names without their spaces count as one, whatever their words."""
LONGEST = 300
"""Letters of a name that are compared."""

_STOP_TEXT = """
a al an and da das de del der des die du el et for fur in la las le les los of on para pour the und y"""
_LEGAL_TEXT = """
ab ag aps as asa bhd bv co corp cv doo fze gmbh inc incorporated jsc kft kg limited llc llp lp ltd ltda nv oao ooo oy
oyj pao plc pjsc pt pte pty pvt sa sarl sas sdn se sl spa srl sro zao zrt"""
_COMMON_TEXT = """
administration agency association authority bank board branch bureau center centre central city committee company
corporation council department directorate district division enterprise federal foundation general government group
holding holdings industrial industries industry institute international local main ministry municipal national office
organisation organization people peoples private province provincial public regional republic service services shi
societe society state systems technologies technology trading unit university"""
_STOP, _LEGAL, _COMMON = (frozenset(text.split()) for text in (_STOP_TEXT, _LEGAL_TEXT, _COMMON_TEXT))
_DROPPED = frozenset("'`.\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}\N{MIDDLE DOT}")
_RANGES = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\U00020000", "\U0003ffff"))
"""Kana and the characters of Chinese and Japanese."""


class NotInstalledError(Exception):
    """The packages that compare names are not there; the message says how to get them."""


class Name(NamedTuple):
    """A name as it is compared: its words in Latin letters, these as one, and its Chinese or Japanese characters."""

    words: tuple[str, ...]
    joined: str
    characters: str


class _Tools(NamedTuple):
    """The functions of the extra packages."""

    to_latin: Callable[[str], str]
    distance: Callable[[str, str], int]


@cache
def _tools() -> _Tools:
    try:
        latin, distances = importlib.import_module("anyascii"), importlib.import_module("rapidfuzz.distance")
    except ModuleNotFoundError as error:
        raise NotInstalledError(f"install enduse[screening] to compare names (missing: {error.name})") from None
    return _Tools(
        cast("Callable[[str], str]", latin.anyascii), cast("Callable[[str, str], int]", distances.Levenshtein.distance)
    )


def require_tools() -> None:
    """Raise NotInstalledError where names cannot be compared."""
    _tools()


def read_name(text: str) -> Name:
    """Return a name made comparable; without words where nothing in it is a letter or a digit."""
    plain = unicodedata.normalize("NFKC", text)[:LONGEST].casefold()
    kept = "".join(_keep(character) for character in plain)
    words = tuple(word for part in kept.split() for word in _latin(part).split())
    words = tuple(word for word in words if word not in _LEGAL) or words
    told = tuple(word for word in words if word not in _STOP) or words
    return Name(told, "".join(words), "".join(c for c in plain if any(a <= c <= z for a, z in _RANGES)))


def _keep(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] in "LNM":
        return character
    return "" if character in _DROPPED or kind == "Cf" else " "


def _latin(word: str) -> str:
    latin = _tools().to_latin(word).casefold()
    return "".join(c if c.isalnum() else " " if c.isspace() else "" for c in latin)


def score(one: Name, other: Name) -> int:
    """Return how alike two names are, 0 to 10,000."""
    if not one.words or not other.words:
        return 0
    if len(one.characters) > 1 and len(other.characters) > 1:
        return _likeness(one.characters, other.characters)
    if sorted(one.words) == sorted(other.words):
        return WHOLE
    whole = _likeness(one.joined, other.joined)
    return max(_by_words(one, other), whole if whole >= LIKE_WHOLE else 0)


def _likeness(one: str, other: str) -> int:
    longer = max(len(one), len(other))
    return WHOLE * (longer - _tools().distance(one, other)) // longer


def _by_words(one: Name, other: Name) -> int:
    pairs = sorted(
        (-like * (weigh(a) + weigh(b)), a, b, i, j, like)
        for i, a in enumerate(one.words)
        for j, b in enumerate(other.words)
        if (like := _like_word(a, b))
    )
    used: tuple[set[int], set[int]] = (set(), set())
    gained = 0
    for _, a, b, i, j, like in pairs:
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            gained += like * (weigh(a) + weigh(b))
    return gained // (sum(map(weigh, one.words)) + sum(map(weigh, other.words)))


@lru_cache(maxsize=1 << 16)
def weigh(word: str) -> int:
    """Return what a word counts: twice its letters, once where it says little about who it is."""
    return len(word) * (1 if word in _COMMON else 2)


@lru_cache(maxsize=1 << 17)  # the words of a list come back in many names
def _like_word(one: str, other: str) -> int:
    if one == other:
        return WHOLE
    if min(len(one), len(other)) < 4 or one.isdigit() or other.isdigit():  # noqa: PLR2004  # see LIKE_WORD
        return 0
    like = _likeness(one, other)
    return like if like >= LIKE_WORD else 0
