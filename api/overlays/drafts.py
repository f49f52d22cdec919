"""Drafts of overlays."""

from api.drafts.service import Acts, Drafts
from api.overlays.models import OverlayDraft

DRAFTS = Drafts(OverlayDraft, Acts("overlay.draft", "overlay.replace", "overlay.delete"), lock=24)
