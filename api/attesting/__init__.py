"""Attestations: stated and signed in the request, rendered and sealed as PDF by a job."""
