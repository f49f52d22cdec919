"""How far an overlay may go from the standard: weights either way within bounds, all else in the stricter direction.

Invariants: no weight goes to nothing or above double; a ceiling only falls, and never below that of a graver
involvement; a band only begins earlier, and above the better one. So the promises of the method hold for every overlay,
and an overlay that leaves the weights alone never gives a better result than the standard.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from questionnaires.criteria import Criteria
from questionnaires.linting.catalogue import Finding
from questionnaires.overlays.catalogue import find
from questionnaires.overlays.model import Overlay
from questionnaires.scales import BANDS, BUYER, INVOLVEMENTS, MITIGATION, BandName, Involvement
from questionnaires.shape import pointer_of

WHOLE = 100
"""What weights sum to, in percent."""


def bounds_of(weight: int) -> tuple[int, int]:
    """Return the lowest and the highest weight of one's own beside a standard weight: half (rounded up) and double."""
    return (weight + 1) // 2, 2 * weight


def check_bounds(overlay: Overlay, standard: Criteria) -> Iterator[Finding]:
    """Yield where an overlay goes beyond its bounds."""
    weights = standard.weights
    yield from _check_weights("buyer", overlay.weights.buyer, weights.buyer, BUYER)
    yield from _check_weights("mitigation", overlay.weights.mitigation, weights.mitigation, MITIGATION)
    yield from _check_ceilings(overlay.weights.ceilings, weights.ceilings)
    yield from _check_bands(overlay.bands, standard.bands)
    if not (_judges(overlay, standard) or overlay.red_lines or overlay.caps):
        yield find("changes-nothing", "", "every figure is the standard's, and there is no red line or cap")


def _judges(overlay: Overlay, standard: Criteria) -> bool:
    own, weights = overlay.weights, standard.weights
    return (
        {**weights.buyer, **own.buyer} != weights.buyer
        or {**weights.mitigation, **own.mitigation} != weights.mitigation
        or {**weights.ceilings, **own.ceilings} != weights.ceilings
        or {**standard.bands, **overlay.bands} != standard.bands
    )


def _check_weights(
    part: str, own: Mapping[str, int], standard: Mapping[str, int], codes: Sequence[str]
) -> Iterator[Finding]:
    for code, weight in own.items():
        place = pointer_of("weights", part, code)
        if code not in codes:
            yield find("unknown-code", place, f"{code} is none of {codes[0]} to {codes[-1]}")
            continue
        least, most = bounds_of(standard[code])
        if not least <= weight <= most:
            problem = f"{weight} for {code} lies outside {least} to {most} (the standard has {standard[code]})"
            yield find("weight-out-of-bounds", place, problem)
    whole = sum({**standard, **{code: weight for code, weight in own.items() if code in codes}}.values())
    if whole != WHOLE:
        yield find("weights-sum", pointer_of("weights", part), f"the weights sum to {whole}")


def _check_ceilings(own: Mapping[Involvement, int], standard: Mapping[Involvement, int]) -> Iterator[Finding]:
    for name, ceiling in own.items():
        if ceiling > standard[name]:
            problem = f"{ceiling} for {name} is above the standard's {standard[name]}"
            yield find("ceiling-raised", pointer_of("weights", "ceilings", name), problem)
    merged = {**standard, **own}
    for lesser, graver in pairwise(INVOLVEMENTS):
        if merged[graver] > merged[lesser]:
            problem = f"{graver} has {merged[graver]}, and {lesser} only {merged[lesser]}"
            yield find("ceiling-order", pointer_of("weights", "ceilings", lesser), problem)


def _check_bands(own: Mapping[BandName, int], standard: Mapping[BandName, int]) -> Iterator[Finding]:
    for name, threshold in own.items():
        if threshold > standard[name]:
            problem = f"{name} begins at {threshold}, in the standard at {standard[name]}"
            yield find("band-raised", pointer_of("bands", name), problem)
    merged = {**standard, **own}
    for better, worse in pairwise(BANDS):
        if merged[worse] <= merged[better]:
            problem = f"{worse} begins at {merged[worse]}, and {better} at {merged[better]}"
            yield find("band-order", pointer_of("bands", worse), problem)
