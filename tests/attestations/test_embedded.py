"""What the sealing key itself might put into a PDF: other files, other names, actions. And what no step can see."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from attestations import active_content
from attestations.embedded import open_pdf
from attestations.pdf import seal
from attestations.reasons import Reason, RefusedError
from attestations.report import PAGES_NOT_COMPARED
from attestations.verification import verify

Change = Callable[[Any], None]


def changed(pdf: bytes, change: Change) -> bytes:
    """Return a PDF with an incremental update made before it is sealed."""
    writer: Any = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})


def file_of(writer: Any) -> Any:
    return writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]


def embed(writer: Any, data: bytes) -> Any:
    return writer.add_object(StreamObject(stream_data=data))


def action(kind: str) -> DictionaryObject:
    return dictionary(S=NameObject(f"/{kind}"), JS=TextStringObject("app.alert(1)"), URI=TextStringObject("http://x/"))


def second_stream(writer: Any) -> None:
    streams = file_of(writer)["/EF"]
    streams[NameObject("/UF")] = embed(writer, b"{}")
    writer.update_container(streams)


def second_name(writer: Any) -> None:
    specification = file_of(writer)
    specification[NameObject("/UF")] = TextStringObject("invoice.exe")
    writer.update_container(specification)


def opened(kind: str) -> Change:
    return lambda writer: writer.root.__setitem__(NameObject("/OpenAction"), action(kind))


def additional(writer: Any) -> None:
    writer.root[NameObject("/AA")] = dictionary(WC=action("JavaScript"))


def named_script(writer: Any) -> None:
    names = writer.root["/Names"]
    names[NameObject("/JavaScript")] = dictionary(Names=ArrayObject([TextStringObject("x"), action("JavaScript")]))
    writer.update_container(names)


def page_of(writer: Any) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def on_page(entry: str) -> Change:
    def change(writer: Any) -> None:
        page = page_of(writer)
        page[NameObject(entry)] = dictionary(O=action("JavaScript")) if entry == "/AA" else ArrayObject([])
        writer.update_container(page)

    return change


def annotated(kind: str, **entries: Any) -> Change:
    def change(writer: Any) -> None:
        page = page_of(writer)
        rectangle = ArrayObject([NumberObject(0)] * 4)
        annotation = dictionary(Type=NameObject("/Annot"), Subtype=NameObject(kind), Rect=rectangle, **entries)
        page[NameObject("/Annots")] = ArrayObject([*page["/Annots"], writer.add_object(annotation)])
        writer.update_container(page)

    return change


def titled(writer: Any) -> None:
    title = writer.add_object(dictionary(Title=TextStringObject("x"), A=action("Launch")))
    writer.root[NameObject("/Outlines")] = writer.add_object(dictionary(First=title, Last=title))


def tree(width: int) -> Change:
    def change(writer: Any) -> None:
        names = writer.root["/Names"]
        kid = writer.add_object(dictionary(Names=ArrayObject([])))
        kids = [names.raw_get("/EmbeddedFiles"), *[kid] * width]
        names[NameObject("/EmbeddedFiles")] = writer.add_object(dictionary(Kids=ArrayObject(kids)))
        writer.update_container(names)

    return change


def second_field(writer: Any) -> None:
    field = writer.add_object(dictionary(FT=NameObject("/Tx"), T=TextStringObject("x")))
    form = writer.root["/AcroForm"]
    form[NameObject("/Fields")] = ArrayObject([*form["/Fields"], field])
    writer.update_container(form)


def field_with_actions(writer: Any) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[NameObject("/AA")] = dictionary(K=action("JavaScript"))
    writer.update_container(field)


def form_of_another_kind(writer: Any) -> None:
    form = writer.root["/AcroForm"]
    form[NameObject("/XFA")] = TextStringObject("x")
    writer.update_container(form)


ACTIVE = {
    "second field": second_field,
    "field with actions": field_with_actions,
    "form of another kind": form_of_another_kind,
    "script": opened("JavaScript"),
    "address": opened("URI"),
    "additional actions": additional,
    "named script": named_script,
    "page's actions": on_page("/AA"),
    "page's files": on_page("/AF"),
    "attached file": annotated("/FileAttachment"),
    "film": annotated("/Movie"),
    "link that starts something": annotated("/Link", A=action("Launch")),
    "link with a script after it": annotated("/Link", A=dictionary(S=NameObject("/URI"), Next=action("JavaScript"))),
    "link with actions": annotated("/Link", AA=dictionary(E=action("JavaScript"))),
    "title that starts something": titled,
}


@pytest.mark.parametrize("name", ACTIVE)
def test_nothing_acts(name: str, plain: bytes, keys: Any, trust: Any, forge: Any) -> None:
    data = seal(changed(plain, ACTIVE[name]), keys.signer, forge.issued)
    assert forge.failure(verify(data, trust, forge.at)) == (2, Reason.ACTIVE_CONTENT)


@pytest.mark.parametrize("change", [annotated("/Link", A=action("URI")), annotated("/Link"), tree(5)])
def test_links_and_a_tree_of_names_are_no_harm(change: Change, plain: bytes, keys: Any, trust: Any, forge: Any) -> None:
    data = seal(changed(plain, change), keys.signer, forge.issued)
    assert [step.reason for step in verify(data, trust, forge.at).steps[:4]] == [Reason.OK] * 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [(second_stream, Reason.SEVERAL_FILES), (second_name, Reason.NO_BUNDLE), (tree(60), Reason.SEVERAL_FILES)],
)
def test_every_reader_finds_the_same_file(
    change: Change, reason: Reason, plain: bytes, keys: Any, trust: Any, forge: Any
) -> None:
    data = seal(changed(plain, change), keys.signer, forge.issued)
    assert forge.failure(verify(data, trust, forge.at)) == (3, reason)


def test_pages_without_end(plain: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def circle(writer: Any) -> None:
        pages = writer.root["/Pages"]
        pages[NameObject("/Kids")] = ArrayObject([writer.root.raw_get("/Pages")])
        writer.update_container(pages)

    def repeat(writer: Any) -> None:
        title = dictionary(Title=TextStringObject("x"))
        reference = writer.add_object(title)
        title[NameObject("/Next")] = title[NameObject("/First")] = reference
        writer.root[NameObject("/Outlines")] = dictionary(First=reference)

    monkeypatch.setattr(active_content, "MAX_NODES", 50)
    active_content.refuse_active_content(open_pdf(plain))
    for change in (circle, repeat):
        with pytest.raises(RefusedError):
            active_content.refuse_active_content(open_pdf(changed(plain, change)))


def test_pages_that_tell_another_story_are_pointed_out(bundle: bytes, keys: Any, trust: Any, forge: Any) -> None:
    """Nothing can compare pages with figures; so every report on a PDF says so and prints the figures."""
    report = verify(seal(forge.pdf(bundle), keys.signer, forge.issued), trust, forge.at)
    assert PAGES_NOT_COMPARED in report.notes
    notes = report.to_json()["notes"]
    assert isinstance(notes, list)
    assert PAGES_NOT_COMPARED in notes
    assert PAGES_NOT_COMPARED not in verify(bundle, trust, forge.at).notes
