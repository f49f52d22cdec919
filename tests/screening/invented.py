"""Invented names in number, the same on every run: words put together by a counter, some misspelled."""

from hashlib import sha256

PLACES = tuple(
    a + b
    for a in ("Alder", "Bran", "Cor", "Dun", "Est", "Fen", "Gal", "Hol", "Ister", "Jor", "Kel", "Lor", "Mar", "Nor")
    for b in ("vale", "noch", "vess", "wick", "mere", "wold", "thorpe", "stead", "haven", "brook", "gate", "moor")
)
FIELDS = (
    "Security", "Transport", "Health", "Water", "Customs", "Border", "Prison", "Records", "Signals", "Harbour",
    "Police", "Telecom", "Optics", "Sensors", "Software", "Logistics", "Mining", "Aviation",
)  # fmt: skip
FORMS = ("Bureau", "Department", "Ministry", "Agency", "Company Ltd", "Group JSC", "Institute", "Directorate")


def draw(label: str, number: int) -> int:
    """Return a whole number that a label and a counter give."""
    return int.from_bytes(sha256(f"{label}/{number}".encode()).digest()[:8])


def name(number: int) -> str:
    """Return the invented name of a number; a few hundred thousand differ."""
    one, two = PLACES[draw("a", number) % len(PLACES)], PLACES[draw("b", number) % len(PLACES)]
    return f"{one} {two} {FIELDS[draw('c', number) % len(FIELDS)]} {FORMS[draw('d', number) % len(FORMS)]}"


def misspell(text: str, number: int) -> str:
    """Return a name with one letter left out, doubled or exchanged for its neighbour."""
    at = 1 + draw("e", number) % (len(text) - 3)
    match draw("f", number) % 3:
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + text[at] + text[at:]
        case _:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
