"""What the resolver may answer, and what of it counts: the rest is no proof, within bounds of time and number."""

import threading
import time
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rrset
import pytest

from api.directory.resolving import AT_ONCE, LookupFailedError, Resolver, open_resolver
from api.problems import Refusal
from api.settings import Settings
from tests.directory.servers import NameServer

NAME = "_enduse-claim.quillmere.example"


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer() as server:
        server.texts[NAME] = ["right"]
        yield server


@pytest.fixture
def resolver(names: NameServer) -> Resolver:
    return Resolver("127.0.0.1", names.port, 0.3)


def answering(*texts: str, name: str = NAME) -> dns.rrset.RRset:
    """Return TXT records of a name."""
    return dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts)


def test_one_question_is_asked_and_its_texts_are_read(resolver: Resolver, names: NameServer) -> None:
    names.texts[NAME] = ["right", "other"]
    assert sorted(resolver.read_texts(NAME)) == [b"other", b"right"]
    assert names.asked == [(NAME, "TXT")]


def test_strings_of_one_record_are_put_together(resolver: Resolver, names: NameServer) -> None:
    def answer(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.answer.append(answering('"ri" "ght"'))
        return response

    names.answer = answer
    assert resolver.read_texts(NAME) == [b"right"]


def test_no_such_name_is_no_text(resolver: Resolver) -> None:
    assert resolver.read_texts("_enduse-claim.tarnbrook.example") == []


def test_an_alias_leads_nowhere(resolver: Resolver, names: NameServer) -> None:
    names.texts |= {"elsewhere.example": ["right"]}
    names.aliases[NAME] = "elsewhere.example"
    assert resolver.read_texts(NAME) == []
    assert names.asked == [(NAME, "TXT")]


@pytest.mark.parametrize("section", ["authority", "additional", "answer of another name"])
def test_a_text_in_another_place_does_not_count(resolver: Resolver, names: NameServer, section: str) -> None:
    def answer(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        if section == "answer of another name":
            response.answer.append(answering('"right"', name="quillmere.example"))
        else:
            getattr(response, section).append(answering('"right"'))
        return response

    names.answer = answer
    assert resolver.read_texts(NAME) == []


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_failing_resolver_proves_nothing(resolver: Resolver, names: NameServer, code: dns.rcode.Rcode) -> None:
    def answer(query: dns.message.Message) -> dns.message.Message:
        response = names.by_the_book(query)
        response.set_rcode(code)
        return response

    names.answer = answer
    with pytest.raises(LookupFailedError):
        resolver.read_texts(NAME)


@pytest.mark.parametrize("kind", ["silence", "rubbish", "another id", "cut off"])
def test_an_answer_that_is_none_ends_in_time(resolver: Resolver, names: NameServer, kind: str) -> None:
    def answer(query: dns.message.Message) -> dns.message.Message | bytes | None:
        response = names.by_the_book(query)
        if kind == "silence":
            return None
        if kind == "rubbish":
            return b"\x00" * 40
        if kind == "another id":
            response.id = query.id ^ 1
        else:
            response.flags |= dns.flags.TC
        return response

    names.answer = answer
    before = time.monotonic()
    with pytest.raises(LookupFailedError):
        resolver.read_texts(NAME)
    assert time.monotonic() - before < 5


def test_a_reader_takes_so_many_records_and_no_more(resolver: Resolver, names: NameServer) -> None:
    names.texts[NAME] = [f"value {number}" for number in range(60)]
    assert len(resolver.read_texts(NAME)) == 30


def test_nobody_at_the_address_proves_nothing(names: NameServer) -> None:
    with pytest.raises(LookupFailedError):
        Resolver("127.0.0.1", 1, 0.3).read_texts(NAME)


def test_strangers_hold_so_many_threads_and_no_more(names: NameServer) -> None:
    resolver, asked, given_up = Resolver("127.0.0.1", names.port, 2.0), threading.Semaphore(0), []

    def hold(_query: dns.message.Message) -> None:
        asked.release()

    def wait() -> None:
        try:
            resolver.read_texts(NAME)
        except LookupFailedError as error:
            given_up.append(error)

    names.answer = hold
    waiting = [threading.Thread(target=wait) for _ in range(AT_ONCE)]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert asked.acquire(timeout=20)
    with pytest.raises(Refusal) as refused:
        resolver.read_texts(NAME)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "5")
    for thread in waiting:
        thread.join()
    assert len(given_up) == AT_ONCE
    names.answer = names.by_the_book
    assert resolver.read_texts(NAME) == [b"right"]


def test_without_an_address_there_is_no_resolver() -> None:
    assert open_resolver(Settings()) is None
    assert open_resolver(Settings(dns_resolver="192.0.2.1")) is not None
