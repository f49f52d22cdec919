"""Words and forms: bands, states, dates and figures as the document prints them.

Invariants: a figure is printed as it is signed, with its 4 decimals; what is open is called open; a band is told by its
name and by a shape, never by colour.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attestations.statement import read_day, read_instant
from questionnaires.criteria import BANDS
from questionnaires.scoring import UNDECLARED

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHAPES = {"low": "○", "moderate": "□", "elevated": "△", "high": "▲", "severe": "◆"}
NOT_RATED = "not rated"
NOT_RATED_SHAPE = "×"  # noqa: RUF001  # the multiplication sign is meant: it is drawn, not read as a letter
INVOLVEMENTS = {
    "none": "not involved", "linked": "directly linked", "contribute": "contributes", "cause": "causes",
}  # fmt: skip
OPEN_STATES = {
    "not_known": "not known to the respondent",
    "not_applicable": "said not to apply",
    "declined_confidential": "declined as confidential",
    "declined_legal": "declined on legal grounds",
    "not_answered": "not answered",
}
"""States that show no value: the method reads them at their worst."""


def word_band(result: Mapping[str, Any]) -> str:
    """Return a band by name; one that spreads too far is not rated, and its range stands instead."""
    if not result["rated"]:
        return NOT_RATED
    return str(result["band"])


def word_range(result: Mapping[str, Any]) -> str:
    """Return the range of bands that open items leave, the better one first, as "low to severe" or one name."""
    low, band = sorted((result["band_low"], result["band"]), key=BANDS.index)
    return band if low == band else f"{low} to {band}"


def word_computed(result: Mapping[str, Any]) -> str:
    """Return the range of bands that the figures alone give, where something holds the printed one; else nothing."""
    computed = (result.get("computed_band_low"), result.get("computed_band"))
    if None in computed or computed == (result["band_low"], result["band"]):
        return ""
    return word_range({"band_low": computed[0], "band": computed[1]})


def tally_bands(results: Sequence[Mapping[str, Any]]) -> str:
    """Return how many deployments have each band, gravest first, as "1 high, 2 moderate"."""
    names = [word_band(result) for result in results]
    return ", ".join(f"{names.count(name)} {name}" for name in (NOT_RATED, *reversed(BANDS)) if name in names)


def shape_of(result: Mapping[str, Any]) -> str:
    """Return the sign that stands for a band in tables and in the picture."""
    return SHAPES[result["band"]] if result["rated"] else NOT_RATED_SHAPE


def mark_of(number: int) -> str:
    """Return the letters of a deployment: A to Z, then AA, AB and so on; numbers start at 0."""
    letters = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def name_row(row: str, *, certain: bool = True) -> str:
    """Return the name of a row that nobody declared: the only one of a vendor without deployments, or a remainder.

    `certain`: units are missing whatever the open answers turn out to be.
    """
    if row == UNDECLARED:
        return "No deployment was declared"
    return "Units without a deployment" if certain else "Units that may lack a deployment"


def word_involvement(figures: Mapping[str, Any]) -> str:
    """Return how a vendor is involved in a deployment; what is open is said to be, with how it is read."""
    reading, word = figures["criteria"]["E8"], INVOLVEMENTS[figures["involvement"]]
    return f"involvement open, read as: {word}" if reading["low"] < reading["value"] else f"vendor {word}"


def day(text: str) -> str:
    """Return a day like 2026-11-25 as 25 November 2026."""
    return _day(read_day(text))


def moment(text: str) -> str:
    """Return an instant like 2026-11-25T09:00:00Z as 25 November 2026, 09:00:00 UTC."""
    at: datetime = read_instant(text)
    return f"{_day(at.date())}, {at:%H:%M:%S} UTC"


def _day(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short(digest: str) -> str:
    """Return the first 12 digits of a digest, enough to compare by eye; full digests stand on the last page."""
    return digest.partition(":")[2][:12]


def counted(number: int) -> str:
    """Return a whole number with thousands set off."""
    return f"{number:,}"
