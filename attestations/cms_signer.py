"""pyHanko's signer with a key that was parsed once.

Invariant: the private key never leaves its object; pyHanko's own SimpleSigner would serialise and parse it again for
every signature.
"""

from collections.abc import Callable

from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]  # the package has no types
from pyhanko.sign.signers.pdf_cms import Signer

PLACEHOLDER = bytes(72)
"""As long as the longest DER form of a P-256 signature."""


class KeptKeySigner(Signer):
    """Signs CMS attributes through a function that holds the key; embeds the signer's certificate and no root."""

    def __init__(self, certificate: bytes, sign: Callable[[bytes], bytes]) -> None:
        super().__init__(signing_cert=asn1_x509.Certificate.load(certificate), embed_roots=False)
        self._sign = sign

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the DER ECDSA signature over the SHA-256 of the data; raise ValueError for another digest."""
        if digest_algorithm != "sha256":
            raise ValueError("this signer signs SHA-256 digests only")
        return PLACEHOLDER if dry_run else self._sign(data)
