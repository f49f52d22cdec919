"""Read the bundle that a PDF embeds.

Invariants: exactly one embedded file, attestation.json by every name it has, so that every reader finds the same bytes;
its size after decompression is bounded, so that a small file cannot unfold into a large one.
Source: ISO 32000-1, 7.11.4 (embedded file streams) and 7.9.6 (name trees).
"""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject, StreamObject
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader

from attestations.bundle import FILE_NAME, MAX_BUNDLE
from attestations.reasons import Reason, RefusedError

LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_ratio=200, ratio_floor=4 * 1024 * 1024, max_output_size=MAX_BUNDLE),
    document_budget=DocumentDecodeBudget(base_allowance=4 * MAX_BUNDLE, max_ratio=8),
)
"""Questionnaires and answers shrink by a factor of 5 to 20; 200 leaves room, a bomb needs a thousand."""
MAX_TREE_NODES = 16
"""One name needs one node; renderers write one or two."""


def open_pdf(data: bytes) -> PdfFileReader:
    """Return a strict reader of a PDF with bounded decompression; raise pyHanko's errors for a broken file."""
    return PdfFileReader(BytesIO(data), strict=True, decode_limits=LIMITS)


def read_bundle(reader: PdfFileReader) -> bytes:
    """Return the bytes of the only embedded file; raise RefusedError where there is none, another or more than one."""
    files = _embedded_files(reader)
    if not files:
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    associated = part_of(reader.root, "/AF", [])
    if len(files) > 1 or any(resolve(entry) is not resolve(files[0][1]) for entry in associated):
        raise RefusedError(Reason.SEVERAL_FILES, f"The PDF embeds other files than {FILE_NAME}.")
    stream = _only_stream(*files[0])
    try:
        content: bytes = stream.data
    except PdfDecodeLimitError as error:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, "The embedded bundle unfolds beyond the limit.") from error
    if len(content) > MAX_BUNDLE:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, f"The bundle is larger than {MAX_BUNDLE} bytes.")
    return content


def _only_stream(name: str, entry: Any) -> StreamObject:
    """Return the one stream of a file specification, whichever of its names a reader prefers."""
    specification = resolve(entry)
    if not isinstance(specification, DictionaryObject) or "/EF" not in specification:
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    names = {name, *(str(specification[key]) for key in ("/F", "/UF", "/DOS", "/Mac", "/Unix") if key in specification)}
    if names != {FILE_NAME} or "/F" not in specification:
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}, or under another name too.")
    streams = specification["/EF"]
    stream = part_of(streams, "/F", None)
    if not isinstance(stream, StreamObject):
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    if any(resolve(streams.raw_get(key)) is not stream for key in streams):
        raise RefusedError(Reason.SEVERAL_FILES, f"The PDF embeds other files than {FILE_NAME}.")
    return stream


def _embedded_files(reader: PdfFileReader) -> list[tuple[str, Any]]:
    """Return names and file specifications of the document's tree of embedded files, two at the most."""
    root = reader.root
    if "/Names" not in root or "/EmbeddedFiles" not in root["/Names"]:
        return []
    found: list[tuple[str, Any]] = []
    pending: list[Any] = [root["/Names"]["/EmbeddedFiles"]]
    seen = 0
    while pending and len(found) < 2:  # noqa: PLR2004  # two are already one too many
        node = resolve(pending.pop())
        names, kids = (part_of(node, key, []) for key in ("/Names", "/Kids"))
        seen += 1 + len(kids)
        if seen > MAX_TREE_NODES:
            raise RefusedError(Reason.SEVERAL_FILES, "The PDF's tree of embedded files is too large.")
        found.extend((str(names[at]), names.raw_get(at + 1)) for at in range(0, min(len(names) - 1, 4), 2))
        pending.extend(kids)
    return found


def part_of(owner: Any, key: str, default: Any) -> Any:
    """Return a dictionary's value with references followed; pyHanko's own `get` returns the reference."""
    try:
        return owner[key]
    except KeyError:
        return default


def resolve(entry: Any) -> Any:
    """Return the object that an array's entry refers to, or the entry."""
    untyped: Any = entry  # pyHanko leaves get_object untyped
    return untyped.get_object() if isinstance(entry, IndirectObject) else entry
