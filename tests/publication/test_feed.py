"""The feed is Atom that any reader parses, whatever its parties are called, and holds what is published only."""

from datetime import UTC, datetime
from uuid import UUID
from xml.etree.ElementTree import fromstring

import psycopg
import pytest

from api.publication.feed import ATOM
from api.publication.printable import write_out
from tests.publication.conftest import Published, look
from tests.service import Service

IN = {"a": ATOM}
HOSTILE = '<script>alert("1")</script>]]>&amp;<!-- \u202egpj\u202c \x00\x0b\ufffe "x"'.replace("\x00", "")
SHOWN = '<script>alert("1")</script>]]>&amp;<!-- [U+202E]gpj[U+202C] [U+000B][U+FFFE] "x"'


def test_an_empty_registry_has_a_feed(service: Service) -> None:
    answer = look(service, "/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = fromstring(answer.content)
    assert feed.findall("a:entry", IN) == []
    assert feed.findtext("a:updated", None, IN) is not None


def test_each_published_attestation_is_an_entry(published: Published) -> None:
    id_ = published.publish()
    entry, feed = published.look(f"/{id_}").json(), fromstring(published.look("/feed").content)
    (one,) = feed.findall("a:entry", IN)
    assert one.findtext("a:id", None, IN) == f"urn:uuid:{id_}"
    assert one.findtext("a:title", None, IN) == f"Lindisvale: {entry['result']['printed']}"
    assert one.findtext("a:updated", None, IN) == feed.findtext("a:updated", None, IN) == entry["published_at"]
    assert one.findtext("a:author/a:name", None, IN) == "Aster"
    links = {link.get("rel"): link.get("href") for link in one.findall("a:link", IN)}
    assert links == {"alternate": entry["links"]["self"], "related": entry["links"]["pdf"]}


def test_hostile_names_are_text_and_nothing_more(published: Published) -> None:
    id_ = published.publish()
    with psycopg.connect(published.service.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "update registry_entry set respondent = %(h)s, issuer = %(h)s, questionnaire_title = %(h)s", {"h": HOSTILE}
        )
    answer = published.look("/feed")
    (one,) = fromstring(answer.content).findall("a:entry", IN)
    assert (one.findtext("a:title", "", IN).startswith(f"{SHOWN}: "), one.findtext("a:author/a:name", None, IN)) == (
        True, SHOWN
    )  # fmt: skip
    assert {child.tag.partition("}")[2] for child in one} <= {
        "id", "title", "updated", "published", "author", "link", "summary"
    }  # fmt: skip
    for found in (answer, published.look(f"/{id_}"), published.look()):
        assert "\u202e" not in found.text
        assert b"<script" not in found.content or found.headers["content-type"] == "application/json"
    assert published.look(f"/{id_}").json()["respondent"]["name"] == SHOWN


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Ærø & Søn", "Ærø & Søn"), ("a\u200cb", "a\u200cb"), ("a\nb\u2066", "a[U+000A]b[U+2066]"), ("海康", "海康")],
)
def test_what_turns_or_hides_text_is_written_out(text: str, shown: str) -> None:
    assert write_out(text) == shown


def test_the_feed_of_nothing_says_a_day_that_stays(service: Service) -> None:
    first, second = look(service, "/feed"), look(service, "/feed")
    assert first.headers["etag"] == second.headers["etag"]
    updated = fromstring(first.content).findtext("a:updated", "", IN)
    assert datetime.fromisoformat(updated).astimezone(UTC).hour == 0
    assert UUID(look(service).headers["request-id"])
