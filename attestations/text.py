"""Text from strangers, made fit for a terminal.

Invariant: what is printed cannot move the cursor, turn the direction of writing, hide a line or begin a new one.
"""


def plain(text: str, longest: int = 0) -> str:
    """Return text with control, bidirectional and other invisible characters replaced, cut where it is too long."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return shown if not longest or len(shown) <= longest else shown[: longest - 3] + "..."
