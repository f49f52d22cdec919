"""Overlays: an investor's own weights, thresholds, red lines and caps, laid on a standard criteria revision.

Invariants: an overlay changes judgements and adds floors; rules, tables, evidence and whatever holds a band in the
standard stay as they are. What it adds can only make a result worse, and no worse answer lifts it.
"""

from questionnaires.overlays.applying import OverlayError, apply
from questionnaires.overlays.bounds import bounds_of
from questionnaires.overlays.catalogue import OVERLAY_FINDINGS
from questionnaires.overlays.differences import Difference, PartMove, Sides, Step, lay_in_steps, set_beside
from questionnaires.overlays.lines import is_asked
from questionnaires.overlays.linting import Standard, check_overlay, read_overlay
from questionnaires.overlays.model import Overlay

__all__ = [
    "OVERLAY_FINDINGS", "Difference", "Overlay", "OverlayError", "PartMove", "Sides", "Standard", "Step", "apply",
    "bounds_of", "check_overlay", "is_asked", "lay_in_steps", "read_overlay", "set_beside",
]  # fmt: skip
