"""Finish the PDF's structure where WeasyPrint leaves it short of PDF/UA-1, and keep a place for the seal.

Invariants: nothing visible changes; one XMP packet with one rdf:RDF; every header cell says what it heads; the embedded
file is associated once.
Source: ISO 14289-1, 5 (identification) and 7.5 (tables); ISO 19005-1, 6.7.8 (extension schemas).
"""

from typing import Any

from api.attesting.document.place import reserve

_END = b"</rdf:RDF>"
_UA = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about=""><pdfuaid:part>1</pdfuaid:part>\
</rdf:Description><rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" \
rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification\
</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289\
</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\
</rdf:Description>"""


def finish(_document: Any, pdf: Any, *, stamped: bool) -> None:
    """Complete a PDF/A (pydyf) with attachments just before it is written and sealed, with a timestamp or without."""
    objects = {item.reference: item for item in pdf.objects if item.number}
    metadata = objects[pdf.catalog["Metadata"]]
    metadata.stream = [b"".join(metadata.stream).replace(_END, _UA + _END)]
    pdf.catalog["AF"][:] = list(dict.fromkeys(pdf.catalog["AF"]))
    name_headers(_document, pdf)
    reserve(pdf, stamped=stamped)


def name_headers(_document: Any, pdf: Any) -> None:
    """Let every header cell of a PDF (pydyf) say whether it heads a column or a row."""
    objects = {item.reference: item for item in pdf.objects if item.number}
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("S") == "/TH":
            section = objects[objects[item["P"]]["P"]]
            item["A"]["Scope"] = "/Column" if section["S"] == "/THead" else "/Row"
