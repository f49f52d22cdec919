"""Text of others as the registry gives it to the world.

Invariant: nothing that turns, hides or breaks text is handed on as itself: it stands as its code point, like [U+202E];
the signed bundle has the exact text.
"""

JOINERS = "\u200c\u200d"
"""They have no form of their own, but Persian and Indic names need them."""


def write_out(text: str) -> str:
    """Return a text with every character that is not printed as its code point; joiners stay."""
    return "".join(c if c.isprintable() or c in JOINERS else f"[U+{ord(c):04X}]" for c in text)
