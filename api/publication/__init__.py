"""Publication: both parties agree to show an attestation, or a part of it, and anybody reads it in the registry."""
