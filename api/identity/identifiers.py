"""What identifies an organisation: names as they are searched for, LEI, register number, domain.

Invariants: two spellings of one register number or name have one key; a domain is a public name of two labels at least,
so that nothing that is looked up or written to under it lies inside somebody's own network.
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from api.http.schemas import Wire, refuse_value

LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z])(?:{LABEL})")
LONGEST_DOMAIN = 200
"""Characters; with our own label before it, it still is a name (253 at most, RFC 1035)."""
NOT_PUBLIC = {
    "alt", "arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "localhost",
    "mail", "onion", "private",
}  # fmt: skip
"""Last labels that never lead to a domain of the public tree (RFC 6761, ICANN's reserved names, custom)."""


def is_lei(value: str) -> bool:
    """Tell whether a text is a legal entity identifier: form of ISO 17442, check digits of ISO 7064 MOD 97-10."""
    if not LEI.fullmatch(value):
        return False
    digits = "".join(str(int(character, 36)) for character in value)
    return int(digits) % 97 == 1


def is_domain(value: str) -> bool:
    """Tell whether a text is a domain of the public tree, in lower case and A-labels."""
    return (
        len(value) <= LONGEST_DOMAIN
        and DOMAIN.fullmatch(value) is not None
        and value.rpartition(".")[2] not in NOT_PUBLIC
    )


def key_of_name(name: str) -> str:
    """Return a name as it is searched for: words of letters and digits, without case and accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def key_of_register(number: str) -> str:
    """Return a register number as it is compared: letters and digits alone, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", number).upper() if c.isalnum())


def _check_lei(value: str) -> str:
    if not is_lei(value):
        refuse_value("lei", "Give the 20 characters of the LEI, in capitals; the last two are check digits.")
    return value


def _check_domain(value: str) -> str:
    if not is_domain(value):
        refuse_value(
            "domain", "Give the registered domain alone, as in example.com: lower case, no address, path or port; "
            "names of other scripts in their xn-- form."
        )  # fmt: skip
    return value


def _check_number(value: str) -> str:
    if not value.isprintable() or not key_of_register(value):
        refuse_value("register_number", "Give the number as the register prints it, with its letters.")
    return value


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2; codes that the standard leaves to users, as of the exercise's invented places, pass."""
Lei = Annotated[str, AfterValidator(_check_lei)]
Domain = Annotated[str, AfterValidator(_check_domain)]
Number = Annotated[str, StringConstraints(max_length=100), AfterValidator(_check_number)]


class Register(Wire):
    """A company register's number of an organisation."""

    country: Country
    number: Number
