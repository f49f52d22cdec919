"""Countersigning: an officer of the vendor declares, an auditor gives assurance, beside an attestation."""
