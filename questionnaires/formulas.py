"""The formulas of engines 1 and 2: four indices and a band from criterion values, in whole numbers only.

Units: an index runs from 0 to 100 and is held exactly as a whole number of `1 / SCALE`; only the end-use risk is cut,
at its fifth root, to a millionth. Printed figures are rounded once, half up, to 4 decimals; the band is read from the
rounded residual. Source: docs/method.md, section 2.
"""

from collections.abc import Mapping
from typing import NamedTuple

from questionnaires.criteria import Criteria
from questionnaires.scales import BANDS, BUYER, MITIGATION, BandName, Involvement

MICRO = 1_000_000
"""Buyer risk and end-use risk are held in millionths."""
INHERENT_SCALE = 100 * MICRO
"""Inherent risk is held in hundred-millionths: the shares 0.6 and 0.4 add two decimals."""
HIGHER_SHARE, LOWER_SHARE = 60, 40
ALL_POINTS = 400
"""Weighted points of full mitigation: weights of 100 percent, values of 4."""


class Figures(NamedTuple):
    """The printed figures of one scenario, in ten-thousandths, and the band of the residual."""

    buyer_risk: int
    end_use_risk: int
    inherent: int
    mitigation: int
    residual: int
    band: BandName


def compute(
    criteria: Criteria, values: Mapping[str, int], involvement: Involvement, mitigation: Mapping[str, int]
) -> Figures:
    """Return the figures for exact values of B1-B9, E1-E7 and M1-M10 (0 to 4, mitigation after the evidence cap)."""
    buyer = buyer_risk(criteria, values)
    end_use = end_use_risk(values, buyer)
    inherent = inherent_risk(buyer, end_use)
    weights = criteria.weights.mitigation
    points = sum(weights[code] * mitigation[code] for code in MITIGATION)
    residual = reduced(inherent, criteria.weights.ceilings[involvement], points)
    return Figures(
        rounded(buyer, MICRO), rounded(end_use, MICRO), rounded(inherent, INHERENT_SCALE), rounded(points, 4),
        residual, band_of(criteria, residual),
    )  # fmt: skip


def avoidable(criteria: Criteria, figures: Figures, values: Mapping[str, int], involvement: Involvement) -> int:
    """Return what full mitigation would take off a residual, in ten-thousandths."""
    buyer = buyer_risk(criteria, values)
    inherent = inherent_risk(buyer, end_use_risk(values, buyer))
    return figures.residual - reduced(inherent, criteria.weights.ceilings[involvement], ALL_POINTS)


def inherent_risk(buyer: int, end_use: int) -> int:
    """Return inherent risk, in hundred-millionths, of buyer risk and end-use risk in millionths."""
    return HIGHER_SHARE * max(buyer, end_use) + LOWER_SHARE * min(buyer, end_use)


def reduced(inherent: int, ceiling: int, points: int) -> int:
    """Return inherent * (1 - k/100 * (points/4)/100), all over one denominator, in ten-thousandths."""
    return rounded(inherent * (40_000 - ceiling * points), INHERENT_SCALE * 40_000)


def buyer_risk(criteria: Criteria, values: Mapping[str, int]) -> int:
    """Return buyer risk in millionths: shares of the two largest and of the weighted mean."""
    shares = criteria.weights.buyer_shares
    largest = sorted((values[code] for code in shares.largest_of), reverse=True)
    mean = sum(criteria.weights.buyer[code] * values[code] for code in BUYER)  # hundredths
    points = 100 * (shares.first * largest[0] + shares.second * largest[1]) + shares.mean * mean  # of 40,000
    return points * 25 * MICRO // 10_000


def buyer_points(criteria: Criteria, values: Mapping[str, int]) -> dict[str, int]:
    """Return what each criterion adds to buyer risk, in millionths; of equal values the first counts as the larger."""
    shares, weights = criteria.weights.buyer_shares, criteria.weights.buyer
    found = {code: shares.mean * weights[code] * values[code] for code in BUYER}
    largest = sorted(shares.largest_of, key=lambda code: -values[code])
    for share, code in zip((shares.first, shares.second), largest, strict=False):
        found[code] += 100 * share * values[code]
    return {code: points * 25 * MICRO // 10_000 for code, points in found.items()}


def end_use_risk(values: Mapping[str, int], buyer: int) -> int:
    """Return end-use risk in millionths: the fifth root of severity cubed, likelihood and intrusiveness, cut down."""
    gravity = (max(values["E3"], values["E2"], values["E7"]), values["E4"], values["E5"])
    severity = max(2 * (3 * max(gravity) + sum(gravity)), 3)  # twelfths: half the largest, half the mean of three
    likelihood = max(25 * MICRO * values["E6"] + buyer, 50 * MICRO // 4)  # of 50 millions
    intrusiveness = max(4 * values["E1"], 1)  # quarters
    numerator = severity**3 * likelihood * intrusiveness * (25 * MICRO) ** 5
    return _fifth_root(numerator // (12**3 * 50 * MICRO * 4))


def rounded(numerator: int, denominator: int) -> int:
    """Return a figure in ten-thousandths, rounded half up."""
    return (20_000 * numerator + denominator) // (2 * denominator)


def band_of(criteria: Criteria, residual: int) -> BandName:
    """Return the band of a residual given in ten-thousandths."""
    reached = [name for name in BANDS if residual >= 10_000 * criteria.bands[name]]
    return reached[-1]


def printed(figure: int) -> str:
    """Return a figure in ten-thousandths as a string with 4 decimals."""
    return f"{figure // 10_000}.{figure % 10_000:04d}"


def bands_apart(low: BandName, high: BandName) -> int:
    """Return how many steps lie between two bands."""
    return BANDS.index(high) - BANDS.index(low)


def _fifth_root(number: int) -> int:
    """Return the largest whole number whose fifth power is not above the given one (Newton, from above)."""
    if number == 0:
        return 0
    root = 1 << -(-number.bit_length() // 5)
    while True:
        better = (4 * root + number // root**4) // 5
        if better >= root:
            return root
        root = better
