"""Overlays: an investor's own judgements on the standard criteria, from draft to published revision."""
