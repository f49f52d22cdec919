"""Lists are read with their dates and every name, and refused whole with every mistake."""

from datetime import date
from pathlib import Path

import pytest

from api.screening import reading
from api.screening.reading import ListError, read_list

XML = (Path(__file__).parent / "consolidated.xml").read_bytes()
HEAD = "name,alias,list,date,record\n"


def mistakes(data: bytes, code: str | None = "UN_SC") -> list[str]:
    with pytest.raises(ListError) as caught:
        read_list(data, code)
    return caught.value.mistakes


def test_the_consolidated_list_gives_whole_names_aliases_and_own_scripts() -> None:
    (one,) = read_list(XML, "UN_SC")
    assert (one.code, one.dated) == ("UN_SC", date(2026, 11, 20))
    assert one.records == {
        "CVi.001": ("ORLA VANTERPOOL QUILL", "Орла Вантерпул", "The Quill"),
        "CVe.001": ("DIRECTORATE OF UPLAND ORDER", "Upland Order Office"),
    }


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/l.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(declared: str) -> None:
    text = XML.decode().replace("<CONSOLIDATED_LIST", declared + "<CONSOLIDATED_LIST", 1).replace("ORLA", "&a;")
    (told,) = mistakes(text.encode())
    assert told.startswith("the XML cannot be read")


def test_what_is_wrong_with_a_consolidated_list_is_told_at_once() -> None:
    text = XML.decode().replace("2026-11-20T", "soon").replace("CVi.001", "").replace("DIRECTORATE OF UPLAND ORDER", "")
    assert mistakes(text.replace("Upland Order Office", "").encode()) == [
        "CONSOLIDATED_LIST: dateGenerated is missing, or no date",
        "INDIVIDUAL 1: the record's id is missing or too long",
        "ENTITY 2: the record has no name",
    ]
    assert mistakes(XML[:900]) == ["the XML cannot be read (ParseError)"]
    assert mistakes(b"<html/>") == ["CONSOLIDATED_LIST: dateGenerated is missing, or no date", "there is no record"]
    assert mistakes(XML, None) == ["an XML list needs a code: --code"]


def test_a_csv_may_hold_several_lists_and_a_record_several_rows() -> None:
    rows = (
        "Sarrat Guard,Guard of Sarrat; 萨拉特卫队,XX_A,2026-11-01,7\nSarrat Watch,,XX_A,2026-11-01,7\n"
        "Tarn,,XX_B,2026-10-01,1\n"
    )
    a, b = read_list((HEAD + rows).encode(), None)
    assert a.records == {"7": ("Sarrat Guard", "Guard of Sarrat", "萨拉特卫队", "Sarrat Watch")}
    assert (a.dated, b.code, b.records) == (date(2026, 11, 1), "XX_B", {"1": ("Tarn",)})


def test_what_is_wrong_with_a_csv_is_told_at_once() -> None:
    rows = (
        "A,,L,,1\nB,,,2026-11-01,2\nC,,L,2026-11-01,\n,,L,2026-11-01,4\nE,,L,2026-11-02,5\nF,,L\nG\0,,L,2026-11-01,9\n"
    )
    told = mistakes((HEAD + rows).encode())
    assert [line.partition(":")[0] for line in told] == [f"line {number}" for number in range(2, 9)]
    assert mistakes(b"name;alias\n") == ["line 1: the columns must be name, alias, list, date, record"]
    assert mistakes(HEAD.encode()) == ["there is no record"]
    assert mistakes(b"\xff\xfe") == ["the file is not a CSV in UTF-8 (UnicodeDecodeError)"]


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_LIST", 100)
    assert mistakes(XML) == ["the file is larger than 100 bytes"]
    monkeypatch.setattr(reading, "LARGEST_LIST", 10**6)
    monkeypatch.setattr(reading, "MOST_RECORDS", 1)
    assert mistakes(XML) == ["more than 1 records"]
