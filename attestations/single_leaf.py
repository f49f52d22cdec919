"""A disclosure bundle: one leaf of a statement of version 2, provable without showing any other.

Invariants: about a kilobyte; it holds the leaf, its salt and the path to the root, and names the statement by digest;
nothing else can be learnt from it but how many leaves there are and where this one stands among their digests.
"""

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attestations import bundle as bundles
from attestations import leaf_tree
from attestations.disclosure import Disclosure, LeafError, LeafKey, read_disclosure
from attestations.envelope import Base64, decode_base64
from attestations.in_toto import Predicate
from attestations.problems import name_problems
from attestations.reasons import Reason, RefusedError
from attestations.record import statement_digest
from attestations.statement import MAX_LEAVES, DigestText
from attestations.strict_json import StrictJSONError, read_json
from attestations.transparency.tree import Hash
from questionnaires.canonical import canonical_bytes

MAX_PROOF = 1024 * 1024
"""Bytes: one answer may be a long table."""
HASH_BYTES = 32


class _Proof(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["enduse-leaf/1"]
    statement: DigestText
    disclosure: dict[str, Any]
    index: Annotated[int, Field(ge=0, lt=MAX_LEAVES)]
    path: Annotated[tuple[Base64, ...], Field(strict=False, max_length=64)]


def build(data: bytes, key: LeafKey) -> bytes:
    """Return the proof of a leaf that a bundle discloses; raise KeyError where it does not."""
    bundle = bundles.parse(data)
    found = next((one for one in bundle.disclosures if one.key == key), None)
    if found is None or bundle.format != bundles.FORMAT_2:
        raise KeyError(key)
    digests = [*(one.digest for one in bundle.disclosures), *bundle.withheld]
    index, path = leaf_tree.prove(digests, found.digest)
    return canonical_bytes(
        {
            "format": "enduse-leaf/1",
            "statement": statement_digest(bundle.envelope.payload_bytes),
            "disclosure": {"salt": found.salt, "leaf": dict(found.leaf)},
            "index": index,
            "path": [base64.b64encode(hash_).decode() for hash_ in path],
        }
    )


def verify(data: bytes, statement: Predicate, payload: bytes) -> Disclosure:
    """Return the leaf that a proof shows to be one of a statement's; raise RefusedError (LEAF_PROOF)."""
    proof = _read(data)
    try:
        disclosure = read_disclosure(proof.disclosure)
        path = [Hash(decode_base64(hash_)) for hash_ in proof.path]
    except LeafError as error:
        raise _refusal(*(f"/disclosure{problem}" for problem in error.problems)) from error
    if proof.statement != statement_digest(payload):
        raise _refusal("/statement: another statement")
    if any(len(hash_) != HASH_BYTES for hash_ in path) or not leaf_tree.verify(
        disclosure.digest, proof.index, statement.leaves.count, path, statement.leaves.root
    ):
        raise _refusal("/path: does not lead from the leaf to the statement's root")
    return disclosure


def _read(data: bytes) -> _Proof:
    try:
        return _Proof.model_validate(read_json(data, limit=MAX_PROOF))
    except StrictJSONError as error:
        raise _refusal(f"/: {error}") from error
    except ValidationError as error:
        raise _refusal(*name_problems(error)) from error


def _refusal(*problems: str) -> RefusedError:
    return RefusedError(Reason.LEAF_PROOF, "The leaf is not proven to be one of the statement's.", problems)
