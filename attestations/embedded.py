"""Read the bundle that a PDF embeds.

Invariants: exactly one embedded file, named attestation.json; its size after decompression is bounded, so that a small
file cannot unfold into a large one.
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
MAX_TREE_DEPTH = 4


def open_pdf(data: bytes) -> PdfFileReader:
    """Return a strict reader of a PDF with bounded decompression; raise pyHanko's errors for a broken file."""
    return PdfFileReader(BytesIO(data), strict=True, decode_limits=LIMITS)


def read_bundle(reader: PdfFileReader) -> bytes:
    """Return the bytes of the only embedded file; raise RefusedError where there is none, another or more than one."""
    files = _embedded_files(reader)
    if not files:
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    associated = reader.root.get("/AF", [])
    if len(files) > 1 or any(_resolve(entry) is not _resolve(files[0][1]) for entry in associated):
        raise RefusedError(Reason.SEVERAL_FILES, f"The PDF embeds other files than {FILE_NAME}.")
    specification = _resolve(files[0][1])
    if not isinstance(specification, DictionaryObject) or FILE_NAME not in {
        str(specification.get("/UF", "")),
        str(specification.get("/F", "")),
    }:
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    stream = specification["/EF"]["/F"]
    if not isinstance(stream, StreamObject):
        raise RefusedError(Reason.NO_BUNDLE, f"The PDF does not embed {FILE_NAME}.")
    try:
        content: bytes = stream.data
    except PdfDecodeLimitError as error:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, "The embedded bundle unfolds beyond the limit.") from error
    if len(content) > MAX_BUNDLE:
        raise RefusedError(Reason.BUNDLE_TOO_LARGE, f"The bundle is larger than {MAX_BUNDLE} bytes.")
    return content


def _embedded_files(reader: PdfFileReader) -> list[tuple[str, Any]]:
    """Return names and file specifications of the document's tree of embedded files, two at the most."""
    root = reader.root
    if "/Names" not in root or "/EmbeddedFiles" not in root["/Names"]:
        return []
    found: list[tuple[str, Any]] = []
    pending: list[tuple[Any, int]] = [(root["/Names"]["/EmbeddedFiles"], 0)]
    while pending and len(found) < 2:  # noqa: PLR2004  # two are already one too many
        node, depth = pending.pop()
        if depth > MAX_TREE_DEPTH:
            raise RefusedError(Reason.SEVERAL_FILES, "The PDF's tree of embedded files is too deep.")
        names = node.get("/Names", [])
        found.extend((str(names[at]), names.raw_get(at + 1)) for at in range(0, len(names) - 1, 2))
        pending.extend((kid.get_object(), depth + 1) for kid in node.get("/Kids", []))
    return found


def _resolve(entry: Any) -> Any:
    untyped: Any = entry  # pyHanko leaves get_object untyped
    return untyped.get_object() if isinstance(entry, IndirectObject) else entry
