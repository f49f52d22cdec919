"""A Merkle tree of log entries (RFC 9162, section 2.1, SHA-256).

Invariants: a node is kept once its subtree is full, and never changes afterwards; every root and proof is folded from
such nodes, so a proof reads a number of nodes that grows with the logarithm of the size alone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NewType

Hash = NewType("Hash", bytes)
"""32 bytes."""

EMPTY = Hash(hashlib.sha256(b"").digest())
"""The root of a tree without entries."""


class Place(NamedTuple):
    """Where a full subtree stands: it holds the entries `number * 2**level` up to the next one's first."""

    level: int
    number: int


class Node(NamedTuple):
    """A full subtree and its hash."""

    place: Place
    hash: Hash


Parts = tuple[Place, ...]
"""The full subtrees, left to right, from which one hash of a proof is folded."""


def leaf_hash(entry: bytes) -> Hash:
    """Return the hash of an entry's bytes."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return the hash of a node over its two children."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


def fold(hashes: Sequence[Hash]) -> Hash:
    """Return the hash over neighbouring full subtrees that fall in size from left to right; EMPTY for none."""
    if not hashes:
        return EMPTY
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


def parts(start: int, end: int) -> Parts:
    """Return the full subtrees of the entries from `start` up to `end`; `start` is 0 or a multiple of their span."""
    found: list[Place] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Place(level, start >> level))
        start += 1 << level
    return tuple(found)


def grow(edge: Sequence[Node], entries: Iterable[Hash]) -> tuple[list[Node], list[Node]]:
    """Return the right edge after appending leaf hashes, and the nodes to keep.

    The edge of a tree of a size are the nodes at `parts(0, size)`.
    """
    peaks, made = list(edge), []
    size = sum(1 << node.place.level for node in peaks)
    for entry in entries:
        node = Node(Place(0, size), entry)
        made.append(node)
        while peaks and peaks[-1].place.level == node.place.level:
            left = peaks.pop()
            node = Node(Place(left.place.level + 1, left.place.number >> 1), node_hash(left.hash, node.hash))
            made.append(node)
        peaks.append(node)
        size += 1
    return peaks, made


def inclusion(index: int, size: int) -> tuple[Parts, ...]:
    """Return the parts of each hash of the proof that entry `index` is in the tree of `size` (section 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("the entry is not in the tree")
    return tuple(_path(index, 0, size))


def consistency(old: int, new: int) -> tuple[Parts, ...]:
    """Return the parts of each hash of the proof that the tree of `new` begins with that of `old` (2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError("the older tree is empty, or larger than the newer")
    return tuple(_subproof(old, 0, new, whole=True))


def verify_inclusion(leaf: Hash, index: int, size: int, proof: Sequence[Hash], root: Hash) -> bool:
    """Tell whether a proof shows a leaf at an index of the tree with this root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> bool:
    """Tell whether a proof shows that the newer tree begins with the older one (section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(start: int, end: int) -> int:
    """Return where the left subtree ends: the largest power of two below the number of entries."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _path(index: int, start: int, end: int) -> list[Parts]:
    if end - start == 1:
        return []
    middle = _split(start, end)
    if index < middle:
        return [*_path(index, start, middle), parts(middle, end)]
    return [*_path(index, middle, end), parts(start, middle)]


def _subproof(old: int, start: int, end: int, *, whole: bool) -> list[Parts]:
    if old == end:
        return [] if whole else [parts(start, end)]
    middle = _split(start, end)
    if old <= middle:
        return [*_subproof(old, start, middle, whole=whole), parts(middle, end)]
    return [*_subproof(old, middle, end, whole=False), parts(start, middle)]
