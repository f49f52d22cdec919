"""Own signatures of either form, verified as of an act.

Invariant: an own signature that does not hold is refused; that its holder is not proven is a finding, no refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from attestations.countersignatures.file import OwnSignatureText
from attestations.countersignatures.holders import OwnSignature, check_certificate, find_root
from attestations.countersignatures.jws import read_jws
from attestations.statement import format_instant


@dataclass(frozen=True)
class Holder:
    """An own signature that holds, and the root that proves who holds its key, or None."""

    signature: OwnSignature
    root: x509.Certificate | None

    def to_json(self) -> dict[str, Any]:
        """Return it for a report. The subject is what the certificate says; `proven` whether a root vouches for it."""
        certificate = self.signature.certificate
        return {
            "form": self.signature.form,
            "algorithm": self.signature.algorithm,
            "signed_at": format_instant(self.signature.signed_at),
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": format(certificate.serial_number, "x"),
            "holder": "proven" if self.root is not None else "not proven",
            "root": self.root.subject.rfc4514_string() if self.root is not None else None,
        }


def verify_own(text: OwnSignatureText, content: bytes, at: datetime, roots: Sequence[x509.Certificate]) -> Holder:
    """Return whose own signature over a content it is, as of an act (aware); raise RefusedError.

    Call it from a thread without a running event loop.
    """
    if text.form == "jws":
        signature = read_jws(text.value, content)
    else:
        from attestations.countersignatures.cades import read_cades

        signature = read_cades(text.value, content)
    check_certificate(signature, at)
    return Holder(signature, find_root(signature, roots, at))
