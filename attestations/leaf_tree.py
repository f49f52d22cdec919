"""The tree over the leaves of a statement of version 2, and the proof of a single one.

Invariants: RFC 9162's tree over the leaves' digests, sorted, so that a place tells nothing of what a leaf is about;
a proof shows one leaf and how many there are, and no more.
"""

from collections.abc import Sequence
from itertools import pairwise

from attestations.transparency import tree
from attestations.transparency.tree import Hash
from questionnaires.canonical import Digest

PREFIX = "sha256:"


class LeavesError(ValueError):
    """The digests are not those of leaves: not sorted, or one stands twice."""


def root_of(digests: Sequence[str]) -> Digest:
    """Return the root over leaf digests in any order; raise LeavesError where one stands twice."""
    edge, _ = tree.grow([], _hashes(sorted(digests)))
    return _text(tree.fold([node.hash for node in edge]))


def prove(digests: Sequence[str], digest: str) -> tuple[int, list[Hash]]:
    """Return the place of a leaf among the sorted ones and the hashes beside its path; raise ValueError for another."""
    ordered = sorted(digests)
    index = ordered.index(digest)
    nodes = {node.place: node.hash for node in tree.grow([], _hashes(ordered))[1]}
    runs = tree.inclusion(index, len(ordered))
    return index, [tree.fold([nodes[place] for place in run]) for run in runs]


def verify(digest: str, index: int, count: int, path: Sequence[Hash], root: str) -> bool:
    """Tell whether a leaf stands at a place among `count` leaves under a root."""
    return tree.verify_inclusion(_leaf(digest), index, count, path, Hash(bytes.fromhex(root.removeprefix(PREFIX))))


def _hashes(ordered: Sequence[str]) -> list[Hash]:
    if any(left == right for left, right in pairwise(ordered)):
        raise LeavesError("a leaf stands twice")
    return [_leaf(digest) for digest in ordered]


def _leaf(digest: str) -> Hash:
    return tree.leaf_hash(bytes.fromhex(digest.removeprefix(PREFIX)))


def _text(hash_: Hash) -> Digest:
    return Digest(PREFIX + hash_.hex())
