"""The tree gives RFC 9162's roots and proofs, and no other proof passes."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.transparency.tree import (
    EMPTY,
    Hash,
    Node,
    Place,
    consistency,
    fold,
    grow,
    inclusion,
    leaf_hash,
    parts,
    verify_consistency,
    verify_inclusion,
)

# The tree of eight entries with which RFC 6962's first implementations were tested; roots by size.
ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

SIZES = st.integers(min_value=1, max_value=300)


def entry(number: int) -> Hash:
    return leaf_hash(str(number).encode())


def tree(size: int) -> dict[Place, Hash]:
    return {node.place: node.hash for node in grow([], map(entry, range(size)))[1]}


def folded(nodes: dict[Place, Hash], wanted: Sequence[Sequence[Place]]) -> list[Hash]:
    return [fold([nodes[place] for place in run]) for run in wanted]


def root_of(nodes: dict[Place, Hash], size: int) -> Hash:
    return fold([nodes[place] for place in parts(0, size)])


def straight_root(leaves: list[Hash]) -> bytes:
    """Follow the recursive definition of section 2.1.1, written down as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return hashlib.sha256(b"\x01" + straight_root(leaves[:middle]) + straight_root(leaves[middle:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_that_are_known(size: int) -> None:
    edge, _ = grow([], map(leaf_hash, ENTRIES[:size]))
    assert fold([node.hash for node in edge]).hex() == ROOTS[size]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert fold([]) == EMPTY
    assert parts(0, 0) == ()


@given(SIZES)
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(tree(size), size) == straight_root([entry(number) for number in range(size)])


@given(SIZES, st.integers(min_value=0, max_value=300))
def test_growing_in_two_steps_is_growing_in_one(size: int, first: int) -> None:
    first = min(first, size)
    edge, made = grow([], map(entry, range(first)))
    later, more = grow(edge, map(entry, range(first, size)))
    assert [node.place for node in later] == list(parts(0, size))
    assert {node.place: node.hash for node in [*made, *more]} == tree(size)


@given(SIZES, st.data())
def test_an_entry_that_is_in_is_proven(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    nodes = tree(size)
    proof = folded(nodes, inclusion(index, size))
    assert verify_inclusion(entry(index), index, size, proof, root_of(nodes, size))
    assert len(proof) <= (size - 1).bit_length()


@given(SIZES, st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    nodes = tree(size)
    proof, root = folded(nodes, inclusion(index, size)), root_of(nodes, size)
    other = data.draw(st.integers(min_value=0, max_value=size + 1).filter(lambda number: number != index))
    assert not verify_inclusion(entry(index), other, size, proof, root)
    assert not verify_inclusion(entry(size), index, size, proof, root)
    assert not verify_inclusion(entry(index), index, size, [*proof, root], root)
    assert not verify_inclusion(entry(index), index, size, proof, entry(index + 1))
    for at in range(len(proof)):
        assert not verify_inclusion(entry(index), index, size, proof[:at] + proof[at + 1 :], root)
        assert not verify_inclusion(entry(index), index, size, [*proof[:at], entry(999), *proof[at + 1 :]], root)


@given(SIZES, st.data())
def test_a_tree_that_only_grew_is_consistent(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(min_value=1, max_value=new))
    nodes = tree(new)
    proof = folded(nodes, consistency(old, new))
    before, after = root_of(tree(old), old), root_of(nodes, new)
    assert verify_consistency(old, new, proof, before, after)
    assert not verify_consistency(old, new, [*proof, before], before, after)
    for at in range(len(proof)):
        assert not verify_consistency(old, new, [*proof[:at], entry(999), *proof[at + 1 :]], before, after)


@given(SIZES, st.data())
def test_a_tree_with_another_past_is_not(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(min_value=1, max_value=new))
    changed = data.draw(st.integers(min_value=0, max_value=old - 1))
    _, rewritten = grow([], (entry(number if number != changed else 999) for number in range(new)))
    nodes = {node.place: node.hash for node in rewritten}
    proof = folded(nodes, consistency(old, new))
    assert not verify_consistency(old, new, proof, root_of(tree(old), old), root_of(nodes, new))


def test_what_is_not_in_the_tree_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        inclusion(3, 3)
    for old, new in ((0, 3), (4, 3)):
        with pytest.raises(ValueError, match="older tree"):
            consistency(old, new)
        assert not verify_consistency(old, new, [], EMPTY, EMPTY)
    assert not verify_inclusion(entry(0), 3, 3, [], EMPTY)


def test_a_kept_node_never_changes() -> None:
    edge: list[Node] = []
    kept: dict[Place, Hash] = {}
    for number in range(70):
        edge, made = grow(edge, [entry(number)])
        assert not kept.keys() & {node.place for node in made}
        kept.update({node.place: node.hash for node in made})
