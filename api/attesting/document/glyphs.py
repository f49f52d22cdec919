"""Text that the bundled fonts can draw.

Invariants: every character that comes from a bundle passes through `show`, so that no glyph is missing (PDF/A refuses
.notdef) and no font of the machine is asked for one; what cannot be drawn stands as its code point, and characters that
turn or hide other text are drawn so, never obeyed. The exact text stays in the embedded bundle.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from markupsafe import Markup

FONTS = files("api.attesting.document") / "fonts"
FACES = {
    "SourceSans3-Regular.ttf": ("Enduse Sans", 400),
    "SourceSans3-SemiBold.ttf": ("Enduse Sans", 600),
    "IBMPlexMono-Regular.ttf": ("Enduse Mono", 400),
    "NotoSansArabic-Regular.ttf": ("Enduse Arabic", 400),
    "NotoSansHebrew-Regular.ttf": ("Enduse Hebrew", 400),
}
"""File name, and the family and weight under which the stylesheet knows it: names that no machine has installed."""
NEVER = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Controls, marks of direction, unassigned, private and surrogate code points, separators of lines."""
SYMBOLS_FROM = 0x2600
"""From here on text engines may look for an emoji font, whatever the fonts at hand can draw."""
KEPT = frozenset("\n\t")
BREAK = "\u200b"
"""A space without width. Laying out a line costs the square of what cannot be broken, so endless words get breaks."""
_LONG_RUN = re.compile(r"\S{81,}")
_PIECE = re.compile(r"\S{1,40}")


def read_font(name: str) -> bytes:
    """Return a bundled font file; KeyError for a name that is not one of FACES."""
    if name not in FACES:
        raise KeyError(name)
    return (FONTS / name).read_bytes()


@cache
def drawable() -> frozenset[int]:
    """Return the code points that the bundled fonts draw and that may be drawn as they are."""
    from fontTools.ttLib import TTFont

    drawn: set[int] = set()
    for name in FACES:
        font = TTFont(BytesIO(read_font(name)), lazy=True)
        drawn |= font.getBestCmap().keys()
    return frozenset(code for code in drawn if _is_plain(chr(code)))


def _is_plain(character: str) -> bool:
    category = unicodedata.category(character)
    return category not in NEVER and not (category == "So" and ord(character) >= SYMBOLS_FROM)


def show(text: str) -> str:
    """Return the text with every character that cannot be drawn as its code point, like [U+1F600].

    Words of more than 80 characters (a digest has 71) may be broken after every 40.
    """
    drawn = drawable()
    plain = "".join(c if c in KEPT or ord(c) in drawn else f"[U+{ord(c):04X}]" for c in text)
    return _LONG_RUN.sub(lambda run: BREAK.join(_PIECE.findall(run[0])), plain)


def print_value(value: Any) -> Any:
    """Make every text that a template prints drawable; refuse nothing in place of a value, so that no gap goes unseen.

    Raises ValueError where the value is missing.
    """
    if value is None:
        raise ValueError("the template prints a value that is missing")
    return show(value) if isinstance(value, str) and not isinstance(value, Markup) else value
