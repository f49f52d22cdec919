"""Countersignatures: what an officer of the respondent declares and an auditor assures, beside an attestation.

Invariants: each is an envelope on the attestation's own subject, signed by the service in which somebody acted; an
organisation's own signature is over the content alone, so that it can be made without us; an index binds all of them,
so that none is taken out of a file unseen. Nothing here knows of the steps, or of the verification of an attestation.
"""
