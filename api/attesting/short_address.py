"""The short address of an attestation: what its document prints, as text and as a QR code.

Invariants: an id has one short form; it is of letters and digits that nobody mistakes for others, and reads the same in
capitals; it says no more than the id.
Source: Crockford's base 32 (no I, L, O, U; read as 1, 1, 0).
"""

from uuid import UUID

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_BITS, _LENGTH = 5, 26
_MISREAD = str.maketrans("ilo", "110")
LISTS = "/log/status-lists/"


def shorten(id_: UUID) -> str:
    """Return the 26 letters and digits of an id."""
    return "".join(_DIGITS[id_.int >> _BITS * place & 31] for place in reversed(range(_LENGTH)))


def read_id(text: str) -> UUID | None:
    """Return the id that a short form, or the id's own, names; None for anything else."""
    if len(text) != _LENGTH:
        try:
            return UUID(text) if len(text) == len(str(UUID(int=0))) else None
        except ValueError:
            return None
    values = [_DIGITS.find(letter) for letter in text.lower().translate(_MISREAD)]
    number = 0
    for value in values:
        number = number << _BITS | value
    return UUID(int=number) if min(values) >= 0 and number < 1 << 128 else None


def address_beside(status_list: str, id_: str) -> str | None:
    """Return the short address at the service that keeps a status list; None where the list's address is another's."""
    base, lists, number = status_list.partition(LISTS)
    return f"{base}/a/{shorten(UUID(id_))}" if lists and number.isdecimal() else None
