"""A DNS server and an SMTP server on loopback, as real as a test can have them."""

import socket
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiosmtpd.controller import Controller

Answer = Callable[[dns.message.Message], dns.message.Message | bytes | None]


class NameServer:
    """Answers over UDP; what it is asked is kept."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.aliases: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.answer: Answer = self.by_the_book
        """What a test may exchange to have the server misbehave."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def by_the_book(self, query: dns.message.Message) -> dns.message.Message:
        """Answer as a resolver would: with the alias and what lies behind it."""
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        response = dns.message.make_response(query)
        if name in self.aliases:
            target = self.aliases[name]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{target}."))
            name = target
        if name in self.texts:
            values = [f'"{value}"' for value in self.texts[name]]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *values))
        elif not response.answer:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if data == b"stop":
                return
            query = dns.message.from_wire(data)
            (question,) = query.question
            self.asked.append((question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)))
            answer = self.answer(query)
            if answer is not None:
                self._socket.sendto(answer if isinstance(answer, bytes) else answer.to_wire(max_size=65535), sender)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()


class Mailboxes:
    """Takes mail for everybody, or refuses it."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Offer STARTTLS where there is a context for it, and take nothing without."""
        self.mails: list[EmailMessage] = []
        self.refuses = False
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=context is not None
        )  # fmt: skip

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuses:
            return "451 Try again later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["To"] == envelope.rcpt_tos[0]
        self.mails.append(mail)
        return "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
