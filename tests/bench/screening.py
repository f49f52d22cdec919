"""Names against lists: an index of 10,000 entries, and misspelled names looked up in it and compared with all."""

from questionnaires.names import Name, read_name, score
from questionnaires.screening import THRESHOLD, Entry, Index
from tests.bench.measuring import best_of, show_most
from tests.screening import invented

ENTRIES, NAMES, COMPARED_WITH_ALL = 10_000, 1_000, 10


def measure() -> None:
    """Print the rows of screening."""
    entries = [Entry("XX", str(number), (invented.name(number),)) for number in range(ENTRIES)]
    asked = [invented.misspell(invented.name(number), number) for number in range(NAMES)]
    show_most("index 10,000 entries of a list", best_of(lambda: Index(entries), 2), 2000, "ms")
    index, listed = Index(entries), [read_name(entry.names[0]) for entry in entries]
    found = best_of(lambda: [index.find(name) for name in asked], 2) / NAMES
    show_most("look a misspelled name up in them", found, 5, "ms")
    everything = best_of(lambda: [_compare(name, listed) for name in asked[:COMPARED_WITH_ALL]], 2) / COMPARED_WITH_ALL
    show_most("  a look-up against comparing with all", found / everything, 0.1, "x")


def _compare(name: str, listed: list[Name]) -> int:
    one = read_name(name)
    return sum(score(one, other) >= THRESHOLD for other in listed)
