"""The five steps of a verification, one module each, as in docs/attestation-format.md.

Invariants: a step reads what earlier steps found and adds its own finding; it returns how it ended, or raises
RefusedError where the file fails.
"""
