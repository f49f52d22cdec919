"""A seal has one form: no header of its CMS may be longer than need be, and nothing may stand beside what is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attestations.byte_range import find_signed_bytes
from attestations.der import element
from attestations.pdf import seal
from attestations.reasons import RefusedError
from attestations.signature import check_bytes
from attestations.trust import Trust
from tests.attestations.authority import Authority

CONSTRUCTED = 0x20
MORE = (b"\x05\x00", b"\x02\x01\x01", b"\x04\x04more", b"\x30\x00")
"""What is put beside: nothing, a number, bytes, an empty sequence."""


def split(data: bytes) -> list[tuple[int, bytes]]:
    """Return the DER elements that follow each other: tag and content."""
    found, at = [], 0
    while at < len(data):
        size, start = data[at + 1], at + 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[at + 2 : start], "big")
        found.append((data[at], data[start : start + size]))
        at = start + size
    return found


def long(tag: int, content: bytes) -> bytes:
    """Return an element with a length of four bytes, which is never the shortest here."""
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


def variants(tag: int, content: bytes) -> Iterator[bytes]:
    """Yield the element in other forms, and with one thing in it in another form, or one thing more."""
    yield long(tag, content)
    if tag & CONSTRUCTED:
        parts = split(content)
        whole = [element(*part) for part in parts]
        for number, part in enumerate(parts):
            for other in variants(*part):
                yield element(tag, *whole[:number], other, *whole[number + 1 :])
        for more in MORE:
            for number in range(len(whole) + 1):
                yield element(tag, *whole[:number], more, *whole[number:])


@pytest.mark.parametrize("stamped", [False, True])
def test_no_other_form_of_a_signature_is_taken(
    stamped: bool, plain: bytes, keys: Any, trust: Trust, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    data = seal(plain, keys.signer, now, Authority(tmp_path / "tsa", now).stamp if stamped else None)
    signed = find_signed_bytes(data)
    check_bytes(signed, trust.roots)
    ((tag, content),) = split(signed.cms)
    assert element(tag, content) == signed.cms
    forms = list(variants(tag, content))
    assert len(forms) > 500
    taken = [form.hex() for form in forms if is_taken(replace(signed, cms=form), trust)]
    assert taken == []


def is_taken(signed: Any, trust: Trust) -> bool:
    try:
        check_bytes(signed, trust.roots)
    except (RefusedError, ValueError, TypeError, LookupError):
        return False
    return True
