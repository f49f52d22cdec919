"""Attacks on a sealed attestation, each made from the genuine file as a forger without its key would.

Source of the names: "1 Trillion Dollar Refund" (Mladenov and others, 2019): incremental saving (ISA), signature
wrapping (SWA), universal forgery (USF).
"""

import asyncio
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from attestations.byte_range import MAX_PDF, find_signed_bytes
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.signing import Signer


class Genuine(NamedTuple):
    """What a forger has: two genuine files, their bundles, the PDF before it was sealed, and a key of his own."""

    sealed: bytes
    bundle: bytes
    plain: bytes
    other_sealed: bytes
    other_bundle: bytes
    forger: Signer
    at: Any


Attack = Callable[[Genuine], bytes]


def update(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the PDF with an incremental update."""
    writer: Any = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def set_language(writer: Any) -> None:
    writer.root[NameObject("/Lang")] = TextStringObject("fr")


def overlay(writer: Any) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    content = writer.add_object(StreamObject(stream_data=b"1 1 1 rg 0 0 600 800 re f"))
    page[NameObject("/Contents")] = ArrayObject([page.raw_get("/Contents"), content])
    writer.update_container(page)


def annotate(writer: Any) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    note = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/FreeText"), "/Contents": TextStringObject("LOW")}
    box = ArrayObject([NumberObject(number) for number in (0, 0, 600, 800)])
    entries = {NameObject(name): value for name, value in {**note, "/Rect": box}.items()}
    page[NameObject("/Annots")] = ArrayObject([writer.add_object(DictionaryObject(entries))])
    writer.update_container(page)


def swap_bundle(bundle: bytes) -> Callable[[Any], None]:
    def change(writer: Any) -> None:
        streams = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]
        streams[NameObject("/F")] = writer.add_object(StreamObject(stream_data=bundle))
        writer.update_container(streams)

    return change


def with_range(pdf: bytes, numbers: str) -> bytes:
    """Return the PDF with other numbers in its ByteRange, in as many bytes."""
    start = pdf.index(b"/ByteRange") + len(b"/ByteRange ")
    end = pdf.index(b"]", start) + 1
    room = len(pdf[start:]) - len(pdf[end:].lstrip(b" "))
    forged = f"[{numbers}]".encode()
    assert len(forged) <= room
    return pdf[:start] + forged.ljust(room) + pdf[start + room :]


def covered_again(pdf: bytes, before: bytes) -> bytes:
    """Return an updated PDF whose ByteRange says that it covers the update."""
    _, first, second, _ = find_signed_bytes(before).byte_range
    return with_range(pdf, f"0 {first} {second} {len(pdf) - second}")


def wrap(genuine: Genuine) -> bytes:
    """SWA: move the second covered part back, and put objects into the gap."""
    pdf = genuine.sealed
    _, first, second, rest = find_signed_bytes(pdf).byte_range
    evil = b"\n9999 0 obj\n<</Type/Catalog>>\nendobj\n"
    return with_range(pdf[:second] + evil + pdf[second:], f"0 {first} {second + len(evil)} {rest}")


def refill(filler: bytes) -> Attack:
    def attack(genuine: Genuine) -> bytes:
        _, first, second, _ = find_signed_bytes(genuine.sealed).byte_range
        return genuine.sealed[:first] + filler.ljust(second - first) + genuine.sealed[second:]

    return attack


def graft(genuine: Genuine) -> bytes:
    """Put the signature of one genuine file into another."""
    _, first, second, _ = find_signed_bytes(genuine.sealed).byte_range
    hole = find_signed_bytes(genuine.other_sealed).cms.hex().upper().encode()
    return genuine.sealed[:first] + b"<" + hole.ljust(second - first - 2, b"0") + b">" + genuine.sealed[second:]


def rewrite(genuine: Genuine) -> bytes:
    """Write every object anew into another file, the signature's dictionary included."""
    output = BytesIO()
    copy_into_new_writer(PdfFileReader(BytesIO(genuine.sealed))).write(output)
    return output.getvalue()


def rewrap(genuine: Genuine) -> bytes:
    """Take the bundle out and seal pages of one's own around it, with a look-alike certificate."""
    return seal(genuine.plain, genuine.forger, genuine.at)


def sign_again(pdf: bytes, signer: Signer) -> bytes:
    """Return the PDF with a second signature, appended in a field of its own; the first one certifies against it."""
    steps: Any = PdfCMSEmbedder(new_field_spec=SigFieldSpec("Second")).write_cms(
        "Second", IncrementalPdfFileWriter(BytesIO(pdf))
    )
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=8192, subfilter=SigSeedSubFilter.PADES)))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
    steps.send(asyncio.run(signer.pyhanko().async_sign(prepared.document_digest, "sha256", use_pades=True)))
    twice: bytes = output.getvalue()
    return twice


def update_slowly(genuine: Genuine) -> bytes:
    """Append many small revisions: a reader that compares them with each other is busy for a minute."""
    pdf = genuine.sealed
    revision = b"\n%d 0 obj\n<</A %d 0 R>>\nendobj\nxref\n0 0\ntrailer\n<</Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return pdf + b"".join(revision % (number, number, len(pdf), len(pdf)) for number in range(5000))


ON_PDF: dict[str, tuple[Attack, int, Reason]] = {
    "a changed byte": (
        lambda genuine: genuine.sealed.replace(b"/T (Seal)", b"/T (Sign)", 1), 2, Reason.SIGNATURE_INVALID
    ),
    "bytes after the end": (lambda genuine: genuine.sealed + b"\n%more", 1, Reason.NOT_ENTIRE_FILE),
    "update: language": (lambda genuine: update(genuine.sealed, set_language), 1, Reason.NOT_ENTIRE_FILE),
    "update: overlay": (lambda genuine: update(genuine.sealed, overlay), 1, Reason.NOT_ENTIRE_FILE),
    "update: annotation": (lambda genuine: update(genuine.sealed, annotate), 1, Reason.NOT_ENTIRE_FILE),
    "update: other bundle": (
        lambda genuine: update(genuine.sealed, swap_bundle(genuine.other_bundle)), 1, Reason.NOT_ENTIRE_FILE
    ),
    "update that says it is covered": (
        lambda genuine: covered_again(update(genuine.sealed, overlay), genuine.sealed), 2, Reason.SIGNATURE_INVALID
    ),
    "ISA: objects without a table": (
        lambda genuine: genuine.sealed + b"\n9 0 obj\n<</Type/Catalog>>\nendobj\n", 1, Reason.NOT_ENTIRE_FILE
    ),
    "SWA: objects in the gap": (wrap, 1, Reason.SIGNATURE_CONTENTS),
    "USF: a range of zeros": (lambda genuine: with_range(genuine.sealed, "0 0 0 0"), 1, Reason.BYTE_RANGE),
    "USF: a negative range": (lambda genuine: with_range(genuine.sealed, "0 -1 -1 0"), 1, Reason.BYTE_RANGE),
    "USF: no range": (
        lambda genuine: genuine.sealed.replace(b"/ByteRange", b"/ByteRang "), 1, Reason.NO_SIGNATURE
    ),
    "USF: null for a signature": (refill(b"null"), 1, Reason.SIGNATURE_CONTENTS),
    "USF: zeros for a signature": (refill(b"<" + b"0" * 64 + b">"), 1, Reason.SIGNATURE_CONTENTS),
    "another file's signature": (graft, 2, Reason.SIGNATURE_INVALID),
    "full rewrite": (rewrite, 1, Reason.NOT_ENTIRE_FILE),
    "look-alike certificate": (rewrap, 2, Reason.CHAIN_NOT_TRUSTED),
    "second signature": (
        lambda genuine: sign_again(genuine.sealed, genuine.forger), 1, Reason.SEVERAL_SIGNATURES
    ),
    "stripped signature": (lambda genuine: genuine.plain, 1, Reason.NO_SIGNATURE),
    "50 MB": (lambda genuine: genuine.sealed + bytes(50_000_000 - len(genuine.sealed)), 1, Reason.TOO_LARGE),
    "just too large": (lambda genuine: genuine.sealed.ljust(MAX_PDF + 1, b"\n"), 1, Reason.TOO_LARGE),
    "slow update": (update_slowly, 1, Reason.NOT_ENTIRE_FILE),
}  # fmt: skip


def change(bundle: bytes, alter: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(bundle)
    alter(value)
    return json.dumps(value).encode()


def other_envelope(genuine: Genuine) -> bytes:
    envelope = json.loads(genuine.other_bundle)["envelope"]
    return change(genuine.bundle, lambda value: value.update(envelope=envelope))


def other_payload(genuine: Genuine) -> bytes:
    payload = json.loads(genuine.other_bundle)["envelope"]["payload"]
    return change(genuine.bundle, lambda value: value["envelope"].update(payload=payload))


def own_signature(genuine: Genuine) -> bytes:
    from attestations.bundle import read_envelope

    found = read_envelope(genuine.bundle)
    signed = genuine.forger.sign_envelope(found.payload_bytes, found.payload_type)
    return change(genuine.bundle, lambda value: value.update(envelope=signed.model_dump(mode="json", by_alias=True)))


def borrowed_name(genuine: Genuine) -> bytes:
    keyid = json.loads(genuine.bundle)["envelope"]["signatures"][0]["keyid"]
    return change(
        own_signature(genuine), lambda value: value["envelope"]["signatures"][0].update(keyid=keyid)
    )  # fmt: skip


def better_answer(genuine: Genuine) -> bytes:
    def alter(value: dict[str, Any]) -> None:
        answer = next(one for one in value["disclosures"] if one["leaf"]["kind"] == "answer")
        answer["leaf"]["answer"] = {"state": "not_known"}

    return change(genuine.bundle, alter)


def second_envelope(genuine: Genuine) -> bytes:
    envelope = json.dumps(json.loads(genuine.other_bundle)["envelope"]).encode()
    return genuine.bundle[:-1] + b',"envelope":' + envelope + b"}"


ON_BUNDLE: dict[str, tuple[Attack, int, Reason]] = {
    "envelope of another attestation": (other_envelope, 4, Reason.LEAF_UNKNOWN),
    "payload of another attestation": (other_payload, 3, Reason.ENVELOPE_SIGNATURE),
    "a stranger's signature": (own_signature, 3, Reason.UNKNOWN_SIGNER),
    "a stranger's signature under the signer's name": (borrowed_name, 3, Reason.ENVELOPE_SIGNATURE),
    "a changed answer": (better_answer, 4, Reason.LEAF_UNKNOWN),
    "two envelopes": (second_envelope, 3, Reason.BUNDLE_FORMAT),
    "another version's name": (
        lambda genuine: change(genuine.bundle, lambda value: value.update(format="enduse-attestation/9")),
        3, Reason.BUNDLE_FORMAT,
    ),
}  # fmt: skip
ON_VERSION_1 = {"envelope of another attestation": Reason.CONTEXT_DIGEST}
"""Where version 1 notices something else first: its statement names the context rows itself."""
