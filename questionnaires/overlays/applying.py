"""Applying an overlay: criteria of the investor's own, made of the standard's and nothing else.

Invariants: rules, tables, evidence and every hold of the standard are taken over as they are; the digest of what is
made binds the standard's digest and the overlay's; an overlay beyond its bounds is never applied.
"""

from collections.abc import Mapping

from questionnaires.caps import Cap
from questionnaires.criteria import BasedOn, Criteria
from questionnaires.overlays.bounds import check_bounds
from questionnaires.overlays.model import Overlay, OwnCap, OwnRedLine
from questionnaires.redlines import RedLine
from questionnaires.revisions import revision_digest

PARTS = ("weights", "ceilings", "bands", "caps", "red_lines")
"""What an overlay may change, in the order in which differences are told."""
UNFOUND = "None is asked for: it holds the own result alone, and is no finding about the respondent."
UNLIFTED = "It is lifted by other answers alone."


class OverlayError(ValueError):
    """The overlay is made for other criteria, or goes beyond its bounds."""


def apply(overlay: Overlay, standard: Criteria, parts: tuple[str, ...] = PARTS) -> Criteria:
    """Return the criteria that an overlay makes of the standard, or only some of its `parts`; raise OverlayError."""
    digest = revision_digest(standard)
    if overlay.base.digest != digest:
        raise OverlayError("the overlay is made for other criteria")
    beyond = [found.problem for found in check_bounds(overlay, standard)]
    if beyond:
        raise OverlayError("; ".join(beyond))
    own, weights = overlay.weights, standard.weights
    judged = weights.model_copy(
        update={
            "buyer": {**weights.buyer, **(own.buyer if "weights" in parts else {})},
            "mitigation": {**weights.mitigation, **(own.mitigation if "weights" in parts else {})},
            "ceilings": {**weights.ceilings, **(own.ceilings if "ceilings" in parts else {})},
        }
    )
    lines = overlay.red_lines if "red_lines" in parts else {}
    changed = {
        "id": overlay.id, "revision": overlay.revision, "title": overlay.title, "weights": judged,
        "bands": {**standard.bands, **(overlay.bands if "bands" in parts else {})},
        "red_lines": {**standard.red_lines, **{code: _as_red_line(line) for code, line in lines.items()}},
        "based_on": BasedOn(criteria=digest, overlay=revision_digest(overlay)),
    }  # fmt: skip
    caps = overlay.caps if "caps" in parts else {}
    return lay_on(standard, caps, standard.caps, **changed)


def lay_on(standard: Criteria, caps: Mapping[str, OwnCap], known: Mapping[str, Cap], **changed: object) -> Criteria:
    """Return the standard with caps beside those known, and other changes; raise ValidationError where it is refused.

    The parts are taken over as they stand, and checked as a whole: a copy would keep what was derived from them.
    """
    taken = {name: getattr(standard, name) for name in Criteria.model_fields}
    own = {code: Cap(**dict(cap)) for code, cap in caps.items()}
    based = BasedOn(criteria=revision_digest(standard), overlay=revision_digest(standard))
    return Criteria.model_validate({**taken, "based_on": based, **changed, "caps": {**known, **own}})


def _as_red_line(line: OwnRedLine) -> RedLine:
    return RedLine(
        name=line.name, signs=line.signs, effect=line.effect, graver=line.graver, proof=UNFOUND, lifted=UNLIFTED
    )
