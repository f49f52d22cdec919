"""Keep the place of the seal in a PDF that is drawn (pydyf), with the field that shows it.

Invariants: the place lies outside the object streams, as a ByteRange counts bytes of the file; so does the field, which
a reader then finds without reading all objects before it; nothing visible is added.
Source: ISO 32000-1, 12.7.4.5 (signature fields) and 12.8.2.2 (DocMDP); ISO 14289-1, 7.18 (annotations).
"""

from typing import Any

import pydyf  # type: ignore[import-untyped]  # the package has no types

from attestations.seal_place import room_of

_OUTSIDE = "[-9999 -9999 -9999 -9999]"
"""PDF/UA wants an annotation without tags to lie outside the page."""
_PRINTABLE_AND_LOCKED = 132
"""PDF/A wants every annotation to be printable."""
_SIGNED_AND_APPEND_ONLY = 3
_EXTENSION = "<</ESIC <</Type /DeveloperExtensions /BaseVersion /1.7 /ExtensionLevel 1>>>>"
"""ETSI's extension of PDF 1.7, of which PAdES is a part."""


class Place(pydyf.Object):  # type: ignore[misc]  # as above
    """An empty dictionary, as long as the seal may become."""

    compressible = False

    def __init__(self, room: int) -> None:
        """Leave so many bytes blank."""
        super().__init__()
        self.room = room

    @property
    def data(self) -> bytes:
        """The dictionary as it is written."""
        return b"<<" + b" " * self.room + b">>"


class Field(pydyf.Dictionary):  # type: ignore[misc]  # as above
    """The signature field with its annotation."""

    compressible = False


def reserve(pdf: Any, *, stamped: bool) -> None:
    """Give a PDF, just before it is written, an invisible signature field on its first page and the place of its value.

    `stamped`: keep room for a timestamp, too.
    """
    place = Place(room_of(stamped=stamped))
    pdf.add_object(place)
    page = next(item for item in pdf.objects if item.number and item.reference == pdf.page_references[0])
    field = Field({
        "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String("Seal"),
        "TU": pydyf.String("Seal of the attestation"), "Rect": _OUTSIDE, "F": _PRINTABLE_AND_LOCKED,
        "P": page.reference, "V": place.reference,
    })  # fmt: skip
    pdf.add_object(field)
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    fields = pydyf.Array([field.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields, "SigFlags": _SIGNED_AND_APPEND_ONLY})
    pdf.catalog["Perms"] = pydyf.Dictionary({"DocMDP": place.reference})
    pdf.catalog["Extensions"] = _EXTENSION
