"""Entries and tiles have one form each."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.transparency import entries, tiles
from attestations.transparency.entries import AuditHeads, Document, Entry, EntryError, Issue, Revoke, Supersede
from attestations.transparency.tiles import Tile
from attestations.transparency.tree import Place

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
AT = "2026-11-25T09:00:00Z"
EVENTS: list[Entry] = [
    Issue(statement=ONE, document=TWO),
    Supersede(statement=ONE, by=TWO, at=AT),
    Revoke(statement=ONE, reason="issued_in_error", at=AT),
    AuditHeads(day="2026-11-25", count=3, root=ONE),
    Document(statement=ONE, document=TWO),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_entry_is_read_as_it_is_written(event: Entry) -> None:
    data = entries.write_entry(event)
    assert entries.read_entry(data) == event
    assert len(data) < 400  # a tile of 256 entries stays small


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"kind":"issue"}',
        entries.write_entry(EVENTS[0]) + b" ",
        entries.write_entry(EVENTS[0]).replace(b"sha256", b"SHA256", 1),
        entries.write_entry(EVENTS[0]).replace(b'"kind"', b'"who":"x","kind"'),
        entries.write_entry(EVENTS[0]).replace(b"entry/1", b"entry/2"),
        entries.write_entry(EVENTS[2]).replace(b"issued_in_error", b"because"),
        entries.write_entry(EVENTS[3]).replace(b"3", b"-3"),
        b" " * 70_000,
    ],
)
def test_anything_else_is_no_entry(data: bytes) -> None:
    with pytest.raises(EntryError):
        entries.read_entry(data)


def test_the_words_and_the_codes_of_revocations_are_the_same() -> None:
    assert set(entries.REVOCATIONS) == set(get_args(Revoke.model_fields["reason"].annotation))


@pytest.mark.parametrize(
    ("tile", "address"),
    [
        (Tile(0, 0, 256), "0/000"),
        (Tile(0, 273, 112), "0/273.p/112"),
        (Tile(1, 1234067, 256), "1/x001/x234/067"),
        (Tile(None, 5, 3), "entries/005.p/3"),
    ],
)
def test_a_tile_has_one_address(tile: Tile, address: str) -> None:
    assert tile.address() == address
    assert tiles.read_address(address) == tile


@given(st.none() | st.integers(0, 7), st.integers(0, 10**7), st.integers(1, 256))
def test_every_address_is_read_as_it_is_written(level: int | None, number: int, width: int) -> None:
    tile = Tile(level, number, width)
    assert tiles.read_address(tile.address()) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0/0", "0/0000", "0/1000", "00/000", "8/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01", "../000",
     "0/000\n", "entries/000.p/999", "-1/000", "0/x001/x234"],
)  # fmt: skip
def test_another_address_names_no_tile(path: str) -> None:
    with pytest.raises(ValueError, match="address"):
        tiles.read_address(path)


def test_a_tile_is_there_once_the_tree_has_its_nodes() -> None:
    assert Tile(0, 0, 3).is_in(3)
    assert not Tile(0, 0, 4).is_in(3)
    assert Tile(1, 0, 1).is_in(256)
    assert not Tile(1, 0, 1).is_in(255)
    assert Tile(1, 0, 2).places() == (Place(8, 0), Place(8, 1))
    assert Tile(None, 1, 2).places() == (Place(0, 256), Place(0, 257))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_packed_entries_come_back(packed: list[bytes]) -> None:
    assert tiles.unpack_entries(tiles.pack_entries(packed)) == packed


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x00\x00"])
def test_a_tile_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="ends within"):
        tiles.unpack_entries(data)
