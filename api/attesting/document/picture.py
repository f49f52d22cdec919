"""The drawings: the scale of the residual risk, and buyer risk against end-use risk. Coordinates only, no words.

Units: user units of the SVG; risks run from 0 to 100. Invariants: a mark stands at the headline figures, its box
reaches down to the bounds with every open item at its best; letters move aside rather than cover each other.
"""

from collections.abc import Sequence
from typing import NamedTuple

from questionnaires.criteria import BANDS, Criteria
from questionnaires.formulas import Figures
from questionnaires.scoring import RowScore

TEN_THOUSANDTHS = 10_000
SIDE, LEFT, TOP = 270, 46, 10
"""Side, left edge and upper edge of the square of the risk picture."""
SCALE_WIDTH = 600
CONTOURS = (20, 40, 60, 80)
HIGHER, LOWER = 0.6, 0.4
"""Shares of the higher and the lower of the two risks in the inherent risk (docs/method.md, section 2)."""
LETTER, REACH = 9, 7
OFFSETS = ((1, -1), (1, 1), (-1, -1), (-1, 1), (2, 0), (-2, 0), (0, -2), (0, 2), (2, -2), (2, 2), (-2, -2), (-2, 2))


class Mark(NamedTuple):
    """A deployment in the picture: its sign and letter, the box of what is possible, all in user units."""

    letter: str
    shape: str
    x: float
    y: float
    letter_x: float
    letter_y: float
    box: tuple[float, float, float, float] | None


class Contour(NamedTuple):
    """Where the inherent risk has one value: a line of three points, and where its figure stands."""

    value: int
    points: str
    x: float
    y: float


class Segment(NamedTuple):
    """One band on the scale."""

    band: str
    start: float
    width: float
    threshold: int


class Scale(NamedTuple):
    """The scale of the residual risk: bands, and the interval from the low bound to the headline figure."""

    segments: tuple[Segment, ...]
    low: float
    high: float


def draw_scale(criteria: Criteria, low: int, high: int) -> Scale:
    """Return the scale with the interval between two residuals, given in ten-thousandths."""
    edges = [*(criteria.bands[name] for name in BANDS), 100]
    unit = SCALE_WIDTH / 100
    segments = tuple(
        Segment(name, _cut(unit * edges[at]), _cut(unit * (edges[at + 1] - edges[at])), edges[at])
        for at, name in enumerate(BANDS)
    )
    return Scale(segments, _cut(unit * _risk(low)), _cut(unit * _risk(high)))


def draw_contours() -> tuple[Contour, ...]:
    """Return the lines of equal inherent risk."""
    found = []
    for value in CONTOURS:
        reach = min(value / HIGHER, 100)
        least = (value - HIGHER * reach) / LOWER
        corners = ((least, reach), (value, value), (reach, least))
        points = " ".join(f"{_x(x)},{_y(y)}" for x, y in corners)
        found.append(Contour(value, points, _x(reach) - 14, _y(least) - 4))
    return tuple(found)


def draw_marks(rows: Sequence[tuple[str, str, RowScore]]) -> tuple[Mark, ...]:
    """Return the marks of deployments given as letter, sign and score; the first keeps the best place."""
    taken = [(_x(_risk(row.high.buyer_risk)), _y(_risk(row.high.end_use_risk))) for _, _, row in rows]
    marks = []
    for (letter, shape, row), (x, y) in zip(rows, list(taken), strict=True):
        letter_x, letter_y = _place(x, y, taken)
        taken.append((letter_x, letter_y))
        marks.append(Mark(letter, shape, x, y, letter_x, _cut(letter_y + LETTER / 3), _box(row.low, row.high)))
    return tuple(marks)


def _place(x: float, y: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return where a letter crowds the others least, near its mark and inside the square."""

    def crowding(place: tuple[float, float]) -> float:
        near = sum(max(0.0, 2 * LETTER - abs(place[0] - a) - abs(place[1] - b)) for a, b in taken if (a, b) != (x, y))
        outside = not (LEFT + LETTER <= place[0] <= LEFT + SIDE - LETTER and TOP + LETTER <= place[1] <= TOP + SIDE)
        return near + 100 * outside

    places = [(_cut(x + dx * REACH * 1.4), _cut(y + dy * REACH * 1.4)) for dx, dy in OFFSETS]
    return min(places, key=crowding)


def _box(low: Figures, high: Figures) -> tuple[float, float, float, float] | None:
    """Return the box (x, y, width, height) between the two bounds; None where they are equal."""
    left, right = _x(_risk(low.buyer_risk)), _x(_risk(high.buyer_risk))
    top, bottom = _y(_risk(high.end_use_risk)), _y(_risk(low.end_use_risk))
    if (left, top) == (right, bottom):
        return None
    return left, top, _cut(right - left), _cut(bottom - top)


def _risk(figure: int) -> float:
    return figure / TEN_THOUSANDTHS


def _x(risk: float) -> float:
    return _cut(LEFT + SIDE * risk / 100)


def _y(risk: float) -> float:
    return _cut(TOP + SIDE * (100 - risk) / 100)


def _cut(value: float) -> float:
    return round(value, 2)
