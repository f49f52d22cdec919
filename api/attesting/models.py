"""The tables of attestations as this feature uses them; they lie lower (`api.standing`), where reviews suspend."""

from api.standing.models import Attestation, AttestationRevocation

__all__ = ["Attestation", "AttestationRevocation"]
