"""What an auditor keeps is compared with what is found later, by the commands as they are called."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attestations.cli import main
from attestations.transparency.checkpoints import Checkpoint, sign
from attestations.transparency.notes import NoteKey
from attestations.transparency.tree import EMPTY, consistency
from attestations.trust import build
from attestations.trust_list import build_list
from tests.attestations.conftest import Keys
from tests.attestations.test_trust_list import LOG, NEW, OLD, content
from tests.attestations.transparency.test_tree import folded, root_of, tree

PRIVATE, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (0, 1))
NEWER = NoteKey(LOG.name, OTHER.public_key().public_bytes_raw())


def head(size: int, other: int = 0, name: str = LOG.name, private: Ed25519PrivateKey = PRIVATE) -> str:
    """Return the signed head of a log; one with `other` entries more has another root for the same size."""
    root = EMPTY if size == 0 else root_of(tree(size + other), size + other)
    return sign(Checkpoint(name, size, root), NoteKey(name, private.public_key().public_bytes_raw()), private)


def prove(old: int, new: int) -> dict[str, Any]:
    hashes = folded(tree(new), consistency(old, new))
    return {"old": old, "new": new, "hashes": [base64.b64encode(one).decode() for one in hashes]}


Compare = Callable[..., tuple[int, str]]


@pytest.fixture
def compare(tmp_path: Path, keys: Keys, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Give the call of `enduse log compare`, returning the exit code and all that it printed."""
    (tmp_path / "trust.json").write_bytes(build_list(content(keys, logs=[LOG.text(), NEWER.text()]), OLD))

    def call(kept: str, found: str, proof: Any = None) -> tuple[int, str]:
        (tmp_path / "kept").write_text(kept)
        (tmp_path / "found").write_text(found)
        (tmp_path / "proof").write_text(json.dumps(proof))
        options = [] if proof is None else ["--proof", str(tmp_path / "proof")]
        names = [str(tmp_path / name) for name in ("kept", "found")]
        code = main(["log", "compare", *names, "--trust", str(tmp_path / "trust.json"), *options])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 8), (7, 8), (6, 300)])
def test_a_log_that_grew_is_consistent(compare: Compare, old: int, new: int) -> None:
    code, told = compare(head(old), head(new), prove(old, new))
    assert (code, told.splitlines()[-1]) == (0, "CONSISTENT: the log only grew")
    assert f"kept:  {old} entries" in told


def test_the_same_head_and_the_empty_one_need_no_proof(compare: Compare) -> None:
    assert compare(head(5), head(5))[0] == 0
    assert compare(head(0), head(5))[0] == 0


def test_a_head_signed_by_a_newer_key_of_the_log_counts(compare: Compare) -> None:
    assert compare(head(5), head(9, private=OTHER), prove(5, 9))[0] == 0


@pytest.mark.parametrize(
    ("kept", "found", "proof", "why"),
    [
        (head(5), head(5, other=1), None, "two heads of the same size differ"),
        (head(9), head(5), prove(5, 9), "shorter"),
        (head(5), head(9), None, "a proof from 5 to 9 entries is needed"),
        (head(5), head(9), prove(4, 9), "a proof from 5 to 9 entries is needed"),
        (head(5), head(9), {**prove(4, 9), "old": 5}, "does not lead"),
        (head(5, other=1), head(9), prove(5, 9), "does not lead"),
        (head(5), head(9, other=1), prove(5, 9), "does not lead"),
        (head(5), head(5, name="another.example/log"), None, "the log did not sign"),
        (head(5).replace("\n5\n", "\n4\n"), head(5), None, "kept:"),
    ],
)  # fmt: skip
def test_anything_else_is_not(compare: Compare, kept: str, found: str, proof: Any, why: str) -> None:
    code, told = compare(kept, found, proof)
    assert code == 2
    assert told.splitlines()[-1].startswith("NOT PROVEN: ")
    assert why in told.splitlines()[-1]


@pytest.mark.parametrize(
    "proof", [[], {"old": 5}, {**prove(5, 9), "hashes": ["AA=="]}, {**prove(5, 9), "hashes": [1]}, {"old": True}]
)
def test_what_is_no_proof_is_used_wrongly(compare: Compare, proof: Any) -> None:
    assert compare(head(5), head(9), proof)[0] == 64


@pytest.fixture
def succession(tmp_path: Path, keys: Keys, capsys: pytest.CaptureFixture[str]) -> Callable[[bytes], tuple[int, str]]:
    """Give the call of `enduse trust compare` with the list in hand."""
    (tmp_path / "trust.json").write_bytes(build_list(content(keys), OLD))

    def call(newer: bytes) -> tuple[int, str]:
        (tmp_path / "newer.json").write_bytes(newer)
        code = main(["trust", "compare", str(tmp_path / "trust.json"), str(tmp_path / "newer.json")])
        return code, capsys.readouterr().out

    return call


def test_a_newer_list_tells_what_it_changes(keys: Keys, succession: Callable[[bytes], tuple[int, str]]) -> None:
    window = {"since": None, "until": "2026-12-01T00:00:00Z", "revoked": None}
    (signer,) = content(keys)["signers"]
    newer = content(keys, version=4, signers=[{**signer, **window}], witnesses=[], list_keys=[OLD.entry, NEW.entry])
    code, told = succession(build_list(newer, OLD))
    assert code == 0
    first, *changes, last = told.splitlines()
    assert (first, last) == ("version 3 -> 4", "MAY TAKE ITS PLACE: a key that your list names has signed it")
    assert changes == [
        f"+ key of trust lists {NEW.keyid}",
        f"~ signer {signer['keyid']}: revoked 2026-11-25T09:00:00Z (lost) -> until 2026-12-01T00:00:00Z",
        next(change for change in changes if change.startswith("- witness ")),
    ]


def test_a_list_that_may_not_is_told_why(keys: Keys, succession: Callable[[bytes], tuple[int, str]]) -> None:
    newer = build_list(content(keys, version=4), OLD)
    tampered = newer.replace(b'"sig":"', b'"sig":"AAAA')
    for data, why in (
        (build_list(content(keys, version=3), OLD), "not higher"),
        (build_list(content(keys, version=4, list_keys=[NEW.entry]), NEW), "not a key that may sign"),
        (build([keys.signer.root], [keys.signer.certificate]), "not higher"),
        (tampered, "/signatures/0"),
        (b"{", "/"),
    ):
        code, told = succession(data)
        assert code == 2
        assert told.splitlines()[-1].startswith("MAY NOT TAKE ITS PLACE: ")
        assert why in told.splitlines()[-1]


def test_what_a_file_holds_does_not_write_to_the_terminal(
    tmp_path: Path, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust.json").write_bytes(build_list(content(keys), OLD))
    (tmp_path / "hostile.json").write_text(json.dumps({"format": "enduse-trust/2", "\x1b[2J\u202e": 1}))
    for kept, found in (("trust.json", "hostile.json"), ("hostile.json", "trust.json")):
        assert main(["trust", "compare", str(tmp_path / kept), str(tmp_path / found)]) != 0
        printed = capsys.readouterr()
        assert not {"\x1b", "\u202e"} & set(printed.out + printed.err)
    anchored = ["--anchor", str(tmp_path / "hostile.json"), "--trust", str(tmp_path / "trust.json")]
    assert main(["audit", "verify", str(tmp_path / "trust.json"), *anchored]) == 64
    assert not {"\x1b", "\u202e"} & set(capsys.readouterr().err)


def test_files_that_are_not_there_are_used_wrongly(tmp_path: Path) -> None:
    assert main(["trust", "compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 64
    assert main(["log", "compare", str(tmp_path / "a"), str(tmp_path / "b"), "--trust", str(tmp_path / "c")]) == 64
    assert main(["log", "compare"]) == 64
