"""What an attestation's PDF may not hold: anything that acts, and any file beside the bundle.

Invariants: only the seal's key could have put it there, and it would stand under a good signature all the same; so the
catalogue, the outline, every page and every annotation are walked, a bounded number of them.
Source: ISO 32000-1, 12.6 (actions), 12.5.6 (annotations) and 7.11.4 (embedded files).
"""

from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from attestations.embedded import part_of, resolve
from attestations.reasons import Reason, RefusedError

MAX_NODES = 20_000
"""Pages, annotations and outline items together: 600 deployments need about 2,000."""
_ANNOTATIONS = frozenset({"/Link", "/Widget"})
_ACTIONS = frozenset({"/GoTo", "/URI"})
_SENTENCE = "The PDF holds actions, scripts or files beside the bundle."


def refuse_active_content(reader: PdfFileReader) -> None:
    """Raise RefusedError (ACTIVE_CONTENT) for a PDF that does more than show its pages."""
    root = reader.root
    names, form = part_of(root, "/Names", {}), part_of(root, "/AcroForm", {})
    if {"/OpenAction", "/AA", "/Collection", "/Requirements"} & set(root) or set(names) - {"/EmbeddedFiles", "/Dests"}:
        raise RefusedError(Reason.ACTIVE_CONTENT, _SENTENCE)
    fields = part_of(form, "/Fields", [])
    if "/XFA" in form or len(fields) > 1 or any({"/A", "/AA", "/Kids"} & set(resolve(field)) for field in fields):
        raise RefusedError(Reason.ACTIVE_CONTENT, _SENTENCE)
    left = _walk_pages(part_of(root, "/Pages", {}), MAX_NODES)
    _walk_outline(part_of(part_of(root, "/Outlines", {}), "/First", None), left)


def _walk_pages(pages: Any, left: int) -> int:
    """Check every page with its annotations; return how many nodes may still come."""
    pending = [pages]
    while pending:
        node = resolve(pending.pop())
        kids, annotations = part_of(node, "/Kids", []), part_of(node, "/Annots", [])
        left = _spend(left, 1 + len(annotations))
        if len(pending) + len(kids) > left or {"/AA", "/AF"} & set(node):
            raise RefusedError(Reason.ACTIVE_CONTENT, _SENTENCE)
        pending.extend(kids)
        for annotation in annotations:
            _check_annotation(resolve(annotation))
    return left


def _check_annotation(annotation: Any) -> None:
    kind = part_of(annotation, "/Subtype", None)
    if kind not in _ANNOTATIONS or {"/AA", "/AF", "/FS"} & set(annotation):
        raise RefusedError(Reason.ACTIVE_CONTENT, _SENTENCE)
    _check_action(annotation)


def _check_action(owner: Any) -> None:
    action = part_of(owner, "/A", None)
    if action is not None and (part_of(action, "/S", None) not in _ACTIONS or "/Next" in action):
        raise RefusedError(Reason.ACTIVE_CONTENT, _SENTENCE)


def _walk_outline(first: Any, left: int) -> None:
    pending = [first]
    while pending:
        item = resolve(pending.pop())
        if item is None:
            continue
        left = _spend(left, 1)
        _check_action(item)
        pending.extend((part_of(item, "/First", None), part_of(item, "/Next", None)))


def _spend(left: int, nodes: int) -> int:
    if nodes > left:
        raise RefusedError(Reason.ACTIVE_CONTENT, f"The PDF has more than {MAX_NODES} pages, annotations and titles.")
    return left - nodes
