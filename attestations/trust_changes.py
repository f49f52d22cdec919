"""What a newer trust list changes, for who is to take it: every key and root that comes, goes or counts otherwise."""

from collections.abc import Iterator, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from attestations.statement import format_instant
from attestations.trust import Trust, Window

WITHOUT_LIMITS = "without limits"


def name_changes(kept: Trust, found: Trust) -> Iterator[str]:
    """Yield one line for each change: `+` what comes, `-` what goes, `~` what counts otherwise than before."""
    before, after = _entries(kept), _entries(found)
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            yield " ".join(filter(None, ["+" if old is None else "-", name, old, new]))
        else:
            yield f"~ {name}: {old or WITHOUT_LIMITS} -> {new or WITHOUT_LIMITS}"


def _entries(trust: Trust) -> Mapping[str, str]:
    """Return how each thing that is trusted counts, under its kind and name."""
    found = {f"signer {keyid}": _limits(trust.window_of(keyid)) for keyid in trust.signers}
    for keyid, certificates in trust.signers.items():
        found |= {f"certificate {_fingerprint(one)} of signer {keyid}": "" for one in certificates}
    for kind, roots in (
        ("root", trust.roots),
        ("root of timestamps", trust.timestamp_roots),
        ("root of organisations", trust.organisation_roots),
    ):
        found |= {f"{kind} {_fingerprint(root)}": _subject(root) for root in roots}
    found |= {f"log {key.text()}": "" for key in trust.logs}
    found |= {f"witness {key.text()}": "" for key in trust.witnesses}
    found |= {f"key of status lists {keyid}": "" for keyid in trust.status_keys}
    return found | {f"key of trust lists {keyid}": "" for keyid in trust.list_keys}


def _subject(certificate: x509.Certificate) -> str:
    return f"({certificate.subject.rfc4514_string()})"


def _fingerprint(certificate: x509.Certificate) -> str:
    return "sha256:" + certificate.fingerprint(SHA256()).hex()


def _limits(window: Window) -> str:
    told = [
        f"{word} {format_instant(moment)}"
        for word, moment in (("since", window.since), ("until", window.until), ("revoked", window.revoked_at))
        if moment is not None
    ]
    return " ".join([*told, *([f"({window.reason})"] if window.reason else [])])
