"""Text from strangers, made fit for a terminal.

Invariant: what is printed cannot move the cursor, turn the direction of writing, hide a line or begin a new one.
"""

import re

_UNSEEN = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable and nobody sees: fillers, selectors, the empty Braille pattern."""


def plain(text: str, longest: int = 0) -> str:
    """Return text with control, bidirectional and other invisible characters replaced, cut where it is too long."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    shown = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", shown)
    return shown if not longest or len(shown) <= longest else shown[: longest - 3] + "..."
