"""Sensitivity: how firm a deployment's band is when the judgements behind it are varied (docs/method.md).

Invariants: draws come from SHA-256 of a fixed label and a counter, so every machine draws the same; weights, shares and
exponents vary by up to 30 percent and are brought back to a sum of one, ceilings by up to 20 percent; whole numbers
wherever the arithmetic is linear, decimals of one fixed context for logarithm and exponential. No binary fractions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import sha256
from typing import NamedTuple

from questionnaires.criteria import Criteria
from questionnaires.formulas import HIGHER_SHARE, LOWER_SHARE, band_of, rounded
from questionnaires.rowscores import RowScore
from questionnaires.scales import BUYER, MITIGATION, BandName

LABEL = b"enduse sensitivity 1"
DRAWS = 1000
FIRM_PERCENT = 90
UNIT = 1_000_000
"""Weights, shares, exponents and values are held in millionths."""
EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_QUARTER = UNIT // 4


class Judgements(NamedTuple):
    """What is varied, in millionths: weights and shares sum to one, `ceiling` is that of the row's involvement."""

    buyer: Sequence[int]
    buyer_shares: Sequence[int]
    inherent_shares: Sequence[int]
    mitigation: Sequence[int]
    exponents: Sequence[int]
    ceiling: int


class Sensitivity(NamedTuple):
    """How a deployment's residual and band answer to other judgements; residuals in ten-thousandths.

    `same_band` counts the draws that keep the band, `firm` says that nine of ten do, `low` and `high` hold nine tenths
    of the draws. `one_out` gives the band without each criterion that a weight belongs to, `arithmetic` the band where
    severity, likelihood and intrusiveness are averaged instead of multiplied.
    """

    band: BandName
    draws: int
    same_band: int
    firm: bool
    low: int
    high: int
    one_out: Mapping[str, BandName]
    arithmetic: BandName


class _Row(NamedTuple):
    """One deployment's values, in millionths where they are not whole."""

    buyer: Sequence[int]
    largest: tuple[int, int]
    severity: int
    foreseeable: int
    intrusive: int
    mitigation: Sequence[int]


def vary(criteria: Criteria, row: RowScore, draws: int = DRAWS) -> Sensitivity:
    """Return how firm a deployment's computed band is."""
    values, nominal = _read(criteria, row), _judgements(criteria, row)
    logarithms = _logarithm(values.severity), _logarithm(values.intrusive)
    residuals = sorted(_residual(values, drawn, _geometric(logarithms)) for drawn in _draw(nominal, draws))
    kept = sum(band_of(criteria, residual) == row.high.band for residual in residuals)
    return Sensitivity(
        band=row.high.band,
        draws=draws,
        same_band=kept,
        firm=100 * kept >= FIRM_PERCENT * draws,
        low=residuals[draws // 20],
        high=residuals[draws - 1 - draws // 20],
        one_out=dict(_leave_out(criteria, values, nominal, _geometric(logarithms))),
        arithmetic=band_of(criteria, _residual(values, nominal, _average)),
    )


def _read(criteria: Criteria, row: RowScore) -> _Row:
    values = {code: reading.high for code, reading in row.readings.items()}
    largest = sorted((values[code] for code in criteria.weights.buyer_shares.largest_of), reverse=True)
    gravity = (max(values["E3"], values["E2"], values["E7"]), values["E4"], values["E5"])
    severity = UNIT * (3 * max(gravity) + sum(gravity)) // 6
    return _Row(
        buyer=[values[code] for code in BUYER],
        largest=(largest[0], largest[1]),
        severity=max(severity, _QUARTER),
        foreseeable=values["E6"],
        intrusive=max(UNIT * values["E1"], _QUARTER),
        mitigation=[row.counted[code] for code in MITIGATION],
    )


def _judgements(criteria: Criteria, row: RowScore) -> Judgements:
    weights, shares, percent = criteria.weights, criteria.weights.buyer_shares, UNIT // 100
    return Judgements(
        buyer=[percent * weights.buyer[code] for code in BUYER],
        buyer_shares=[percent * share for share in (shares.first, shares.second, shares.mean)],
        inherent_shares=[percent * HIGHER_SHARE, percent * LOWER_SHARE],
        mitigation=[percent * weights.mitigation[code] for code in MITIGATION],
        exponents=[600_000, 200_000, 200_000],
        ceiling=percent * weights.ceilings[row.involvement],
    )


def _draw(nominal: Judgements, draws: int) -> Iterator[Judgements]:
    """Yield varied judgements: every factor comes from four bytes of the digest of label and counter."""
    for number in range(draws):
        factors = _factors(number)
        yield Judgements(
            buyer=_vary(nominal.buyer, factors),
            buyer_shares=_vary(nominal.buyer_shares, factors),
            inherent_shares=_vary(nominal.inherent_shares, factors),
            mitigation=_vary(nominal.mitigation, factors),
            exponents=_vary(nominal.exponents, factors),
            ceiling=nominal.ceiling * (800_000 + (400_000 * next(factors) >> 32)) // UNIT,
        )


def _factors(number: int) -> Iterator[int]:
    block = 0
    while True:
        seed = sha256(LABEL + number.to_bytes(4, "big") + block.to_bytes(4, "big")).digest()
        yield from (int.from_bytes(seed[at : at + 4], "big") for at in range(0, 32, 4))
        block += 1


def _vary(parts: Sequence[int], factors: Iterator[int]) -> list[int]:
    """Return the parts by up to 30 percent more or less, brought back to a sum of one."""
    varied = [part * (700_000 + (600_000 * next(factors) >> 32)) for part in parts]
    return _to_one(varied)


def _to_one(parts: Sequence[int]) -> list[int]:
    whole = sum(parts)
    return [part * UNIT // whole for part in parts]


Aggregation = Callable[[_Row, int, Sequence[int]], int]
"""From a row, its likelihood and the exponents to severity, likelihood and intrusiveness as one, in millionths of 4."""


def _geometric(logarithms: tuple[Decimal, Decimal]) -> Aggregation:
    def aggregate(_: _Row, likelihood: int, exponents: Sequence[int]) -> int:
        terms = (logarithms[0], _logarithm(likelihood), logarithms[1])
        power = sum((EXACT.multiply(term, e) for term, e in zip(terms, exponents, strict=True)), Decimal(0))
        grown = EXACT.exp(EXACT.divide(power, UNIT))
        return int(EXACT.multiply(grown, UNIT))

    return aggregate


def _average(row: _Row, likelihood: int, exponents: Sequence[int]) -> int:
    terms = (row.severity, likelihood, row.intrusive)
    return sum(term * e for term, e in zip(terms, exponents, strict=True)) // UNIT


def _logarithm(value: int) -> Decimal:
    return EXACT.ln(EXACT.divide(Decimal(value), UNIT))


def _residual(row: _Row, judged: Judgements, aggregate: Aggregation) -> int:
    """Return the residual in ten-thousandths under some judgements."""
    mean = sum(weight * value for weight, value in zip(judged.buyer, row.buyer, strict=True))
    first, second, share = judged.buyer_shares
    buyer = UNIT * (first * row.largest[0] + second * row.largest[1]) + share * mean  # millionths of a millionth of 4
    buyer //= UNIT
    likelihood = max((UNIT * row.foreseeable + buyer) // 2, _QUARTER)
    end_use = aggregate(row, likelihood, judged.exponents)
    more, less = judged.inherent_shares
    inherent = more * max(buyer, end_use) + less * min(buyer, end_use)
    done = sum(weight * value for weight, value in zip(judged.mitigation, row.mitigation, strict=True))
    left = 4 * UNIT * UNIT - judged.ceiling * done
    return rounded(25 * inherent * left, 4 * UNIT**4)


def _leave_out(
    criteria: Criteria, row: _Row, nominal: Judgements, aggregate: Aggregation
) -> Iterator[tuple[str, BandName]]:
    """Yield the band without each weighted criterion, the other weights brought back to a sum of one."""
    for place, code in enumerate(BUYER):
        buyer = _to_one([0 if at == place else weight for at, weight in enumerate(nominal.buyer)])
        yield code, band_of(criteria, _residual(row, nominal._replace(buyer=buyer), aggregate))
    for place, code in enumerate(MITIGATION):
        mitigation = _to_one([0 if at == place else weight for at, weight in enumerate(nominal.mitigation)])
        yield code, band_of(criteria, _residual(row, nominal._replace(mitigation=mitigation), aggregate))
