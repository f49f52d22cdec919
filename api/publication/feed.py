"""The registry as a feed (Atom 1.0, RFC 4287).

Invariants: text of others is written by the serializer, never pasted, and holds no character that XML or a reader's eye
would stumble over; an entry's id is its own for ever.
"""

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from api.http.schemas import format_moment
from api.publication.registry_schemas import PublishedOut

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
register_namespace("", ATOM)


def write_feed(entries: Sequence[PublishedOut], base_url: str, began: datetime) -> bytes:
    """Return the feed of the newest entries; `began` is its age where it has none."""
    feed = Element(f"{{{ATOM}}}feed")
    address = f"{base_url}/v1/registry"
    _say(feed, "id", address)
    _say(feed, "title", "Published attestations")
    _say(feed, "updated", format_moment(max((entry.published_at for entry in entries), default=began)))
    _link(feed, "self", f"{address}/feed", MEDIA_TYPE)
    _link(feed, "alternate", address, "application/json")
    for entry in entries:
        _add(feed, entry)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add(feed: Element, entry: PublishedOut) -> None:
    one = SubElement(feed, f"{{{ATOM}}}entry")
    _say(one, "id", f"urn:uuid:{entry.id}")
    _say(one, "title", f"{entry.respondent.name}: {entry.result.printed}")
    _say(one, "updated", format_moment(entry.published_at))
    _say(one, "published", format_moment(entry.published_at))
    _say(SubElement(one, f"{{{ATOM}}}author"), "name", entry.issuer.name)
    _link(one, "alternate", entry.links.self, "application/json")
    if entry.links.pdf is not None:
        _link(one, "related", entry.links.pdf, "application/pdf")
    coverage = entry.coverage
    _say(
        one,
        "summary",
        f"{entry.questionnaire.title}. Issued {format_moment(entry.issued_at)[:10]}, status {entry.status}, "
        f"{coverage.answered} of {coverage.asked} questions answered, {coverage.with_evidence} with evidence.",
    )


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: Element, relation: str, address: str, media_type: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": relation, "href": address, "type": media_type})
