"""Asks a resolver for the TXT records of one name.

Invariants: the address that is asked is a setting, and the only thing that leaves is one question for one name; an
answer counts only for the very name that was asked, so that an alias (CNAME) leads nowhere; time, size (one datagram)
and the number of look-ups at once are bounded, as strangers can start them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from api.problems import Refusal
from api.settings import Settings

PAYLOAD = 1232
"""Bytes of an answer over UDP that are never fragmented; a proof is small, so a longer one is not asked for again."""
MOST_RECORDS = 30
AT_ONCE = 2
"""Look-ups at once in a process, which has more request threads than these."""


class LookupFailedError(Exception):
    """The resolver did not answer, or not in a way that can be read."""


class Resolver:
    """One resolver."""

    def __init__(self, address: str, port: int, timeout: float) -> None:
        """Take the address to ask, and the seconds to wait for it."""
        self._address, self._port, self._timeout = address, port, timeout
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def read_texts(self, name: str) -> list[bytes]:
        """Return the values of the TXT records of a name, the strings of each put together; none where there is none.

        Raises LookupFailedError, and Refusal where too many look-ups are going on.
        """
        asked = dns.name.from_text(name)
        question = dns.message.make_query(asked, dns.rdatatype.TXT, use_edns=0, payload=PAYLOAD)
        with self._turn():
            try:
                answer = dns.query.udp(
                    question, self._address, timeout=self._timeout, port=self._port, ignore_unexpected=True,
                    ignore_errors=True, raise_on_truncation=True,
                )  # fmt: skip
            except (dns.exception.DNSException, OSError) as error:
                raise LookupFailedError(type(error).__name__) from None
        if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            raise LookupFailedError(dns.rcode.to_text(answer.rcode()))
        found = answer.get_rrset(answer.answer, asked, dns.rdataclass.IN, dns.rdatatype.TXT)
        return [b"".join(record.strings) for record in list(found or ())[:MOST_RECORDS]]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            raise Refusal("too_many", "Other look-ups are going on.", headers={"Retry-After": "5"})
        try:
            yield
        finally:
            self._free.release()


def open_resolver(settings: Settings) -> Resolver | None:
    """Return the resolver of the settings; None where none is named."""
    if settings.dns_resolver is None:
        return None
    return Resolver(str(settings.dns_resolver), settings.dns_port, settings.dns_timeout)
