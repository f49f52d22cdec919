"""How hard English text is to read: words, sentences, syllables, and the school grade that follows from them.

Invariants: exact arithmetic, so that a text has the same grade on every machine; syllables are an estimate by spelling,
good to about one in ten words, which is enough to find a text that nobody reads twice with pleasure.
Source: Kincaid, Fishburne, Rogers, Chissom, Derivation of new readability formulas (1975), the grade level formula.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

_WORD = re.compile(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n\s*\n")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?:[^aeiouy]e|[^aeiouydt]ed|[^aeiouysxzcg]es)$")
_SOUNDED_END = re.compile(r"(?:[^aeiouyl]le|[^aeiouyl]les|[^aeiouyl]led|[cs]hes)$")
_APART = re.compile(r"[aeiou]ing$|[^aeiou]iety$|[aeiouy][aeiouy]{2}[aeiou]")


def words(text: str) -> list[str]:
    """Return the words of a text; what a hyphen, a point or an apostrophe joins is one word."""
    return _WORD.findall(text)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text: what ends in a full stop, a question or exclamation mark, or a blank line."""
    for sentence in _END.split(text):
        if words(sentence):
            yield sentence.strip()


def syllables(word: str) -> int:
    """Return the estimated syllables of a word; capitals and digits are spoken one by one."""
    return sum(_spoken(part) for part in re.split(r"[^\w]+", word) if part) or 1


def grade(text: str) -> int:
    """Return the grade level in tenths (121 is grade 12.1); 0 for a text without words. It may be negative."""
    found = words(text)
    if not found:
        return 0
    count = sum(1 for _ in sentences(text))
    spoken = sum(map(syllables, found))
    level = Fraction(39 * len(found), 100 * count) + Fraction(118 * spoken, 10 * len(found)) - Fraction(1559, 100)
    return round(level * 10)


def _spoken(part: str) -> int:
    if (part.isupper() and len(part) > 1) or not part.isalpha():
        return len(part)
    plain = part.lower()
    count = len(_VOWELS.findall(plain))
    if plain.endswith(("ism", "isms")):
        count += 1
    elif _SILENT_END.search(plain) and not _SOUNDED_END.search(plain):
        count -= 1
    count += bool(_APART.search(plain))
    return max(count, 1)
