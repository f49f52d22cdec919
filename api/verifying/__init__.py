"""Public verification: anybody uploads an attestation and gets the report, without an account."""
