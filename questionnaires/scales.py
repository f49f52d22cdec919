"""The names and orders that every engine shares: criteria, involvements and bands, lowest first."""

from typing import Annotated, Literal

from pydantic import Field

Involvement = Literal["none", "linked", "contribute", "cause"]
BandName = Literal["low", "moderate", "elevated", "high", "severe"]
Level = Annotated[int, Field(ge=0, le=4)]

BUYER = tuple(f"B{n}" for n in range(1, 10))
END_USE = tuple(f"E{n}" for n in range(1, 8))
MITIGATION = tuple(f"M{n}" for n in range(1, 11))
INVOLVEMENTS: tuple[Involvement, ...] = ("none", "linked", "contribute", "cause")
BANDS: tuple[BandName, ...] = ("low", "moderate", "elevated", "high", "severe")

_STEPS = {band: step for step, band in enumerate(BANDS)}


def step_of(band: BandName) -> int:
    """Return the place of a band in the order, 0 for low."""
    return _STEPS[band]


def worse(one: BandName, other: BandName) -> BandName:
    """Return the worse of two bands."""
    return one if _STEPS[one] >= _STEPS[other] else other
