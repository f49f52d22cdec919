"""Notes, checkpoints and proofs: what a known key signed passes, and nothing else does."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from attestations.transparency import checkpoints, notes, proofs
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.notes import NoteError, NoteKey
from attestations.transparency.proofs import Proof
from attestations.transparency.tree import EMPTY, Hash, fold, grow, inclusion, leaf_hash

# The worked example of the Go package golang.org/x/mod/sumdb/note.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

ORIGIN = "log.example/enduse"
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
LOG = NoteKey(ORIGIN, LOG_KEY.public_key().public_bytes_raw())
WITNESS = NoteKey("witness.example/w1", WITNESS_KEY.public_key().public_bytes_raw(), "witness")
SEEN_AT = 1_795_600_000
ENTRIES = [f"entry {number}".encode() for number in range(11)]


def head() -> Checkpoint:
    edge, _ = grow([], map(leaf_hash, ENTRIES))
    return Checkpoint(ORIGIN, len(ENTRIES), fold([node.hash for node in edge]))


def proof_of(index: int, checkpoint: str) -> Proof:
    nodes = {node.place: node.hash for node in grow([], map(leaf_hash, ENTRIES))[1]}
    hashes = tuple(fold([nodes[place] for place in run]) for run in inclusion(index, len(ENTRIES)))
    return Proof(index, hashes, checkpoint)


def test_a_note_made_elsewhere_is_read() -> None:
    note, key = notes.read(KNOWN_NOTE), notes.read_key(KNOWN_KEY)
    assert notes.signers_of(note, [key]) == {key: None}
    assert key.text() == KNOWN_KEY


def test_a_signed_head_is_read_with_the_witnesses_that_saw_it() -> None:
    signed = checkpoints.sign(head(), LOG, LOG_KEY)
    signed += notes.sign(head().text(), WITNESS, WITNESS_KEY, at=SEEN_AT)
    seen = checkpoints.verify(signed, LOG, [WITNESS])
    assert seen.checkpoint == head()
    assert seen.witnesses == {WITNESS.name: SEEN_AT}
    assert checkpoints.verify(signed, LOG).witnesses == {}


def test_a_key_is_read_as_it_is_written_and_in_no_other_way() -> None:
    for key in (LOG, WITNESS):
        assert notes.read_key(key.text()) == key
    name, id_, encoded = LOG.text().split("+", 2)
    raw = base64.b64decode(encoded)
    for wrong in (
        "",
        name,
        f"{name}+{id_}",
        f"{name}+00000000+{encoded}",
        f"{name}+{id_}+{base64.b64encode(b'x' + raw[1:]).decode()}",
        f"{name}+{id_}+{base64.b64encode(raw[:-1]).decode()}",
        f"a b+{id_}+{encoded}",
        f"{name}+{id_}+{encoded}\n",
    ):
        with pytest.raises(NoteError):
            notes.read_key(wrong)


def changed_root(note: str) -> str:
    lines = note.split("\n")
    return "\n".join([*lines[:2], base64.b64encode(EMPTY).decode(), *lines[3:]])


BROKEN: dict[str, Callable[[str], str]] = {
    "another root": changed_root,
    "another size": lambda note: note.replace("\n11\n", "\n12\n"),
    "another origin": lambda note: note.replace(f"{ORIGIN}\n", "log.example/other\n", 1),
    "an extension line": lambda note: note.replace("\n\n", "\nextension\n\n"),
    "no signature": lambda note: note.partition("— ")[0],
    "no blank line": lambda note: note.replace("\n\n", "\n"),
    "no last newline": lambda note: note[:-1],
    "bytes behind": lambda note: note + "x",
    "the line twice": lambda note: note + note.rpartition("\n\n")[2],
    "an unknown key alone": lambda note: note.replace(f"— {ORIGIN} ", "— stranger.example "),
    "a control character": lambda note: note.replace("log.example", "log\x00example", 1),
    "a carriage return": lambda note: note.replace("\n11\n", "\r\n11\r\n"),
    "too long": lambda note: "x" * notes.MAX_NOTE + note,
    "too many lines": lambda note: note + "— a.example AAAAAAAA\n" * notes.MAX_SIGNATURES,
    "a short signature": lambda note: note[:-8] + "\n",
    "a line that is none": lambda note: note + "- a.example AAAAAAAA\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_checkpoint_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        checkpoints.verify(BROKEN[name](checkpoints.sign(head(), LOG, LOG_KEY)), LOG, [WITNESS])


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_flipped_bit_of_a_checkpoint_passes(at: int, bit: int) -> None:
    signed = bytearray(checkpoints.sign(head(), LOG, LOG_KEY).encode())
    signed[at % len(signed)] ^= 1 << bit
    try:
        text = bytes(signed).decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(NoteError):
        checkpoints.verify(text, LOG)


def test_a_false_cosignature_refuses_the_whole() -> None:
    signed = checkpoints.sign(head(), LOG, LOG_KEY)
    line = notes.sign(head().text(), WITNESS, WITNESS_KEY, at=SEEN_AT)
    raw = bytearray(base64.b64decode(line.rsplit(" ", 1)[1]))
    raw[4 + 7] ^= 1  # a second earlier or later
    forged = f"— {WITNESS.name} {base64.b64encode(raw).decode()}\n"
    assert checkpoints.verify(signed + forged, LOG).witnesses == {}
    with pytest.raises(NoteError, match="known key"):
        checkpoints.verify(signed + forged, LOG, [WITNESS])


def test_a_head_signed_by_a_witness_alone_is_not_the_logs() -> None:
    text = head().text()
    note = notes.write(text, notes.sign(text, WITNESS, WITNESS_KEY, at=SEEN_AT))
    with pytest.raises(NoteError, match="log did not sign"):
        checkpoints.verify(note, LOG, [WITNESS])


@pytest.mark.parametrize("size", ["011", "-1", "1e3", "", "99999999999999999"])
def test_a_size_has_one_form(size: str) -> None:
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(EMPTY).decode()}\n"
    with pytest.raises(NoteError):
        checkpoints.verify(notes.write(text, notes.sign(text, LOG, LOG_KEY)), LOG)


@pytest.mark.parametrize("key", [WITNESS, NoteKey("log.example/other", LOG.public)], ids=["witness", "other name"])
def test_only_the_log_signs_its_head(key: NoteKey) -> None:
    with pytest.raises(NoteError, match="its own head"):
        checkpoints.sign(head(), key, LOG_KEY)
    with pytest.raises(NoteError, match="with a time"):
        notes.sign("text\n", WITNESS, WITNESS_KEY)


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_proof_is_read_as_it_is_written_and_holds(index: int) -> None:
    text = proof_of(index, checkpoints.sign(head(), LOG, LOG_KEY)).text()
    proof = proofs.read(text)
    assert proof.text() == text
    assert proofs.verify(ENTRIES[index], proof, LOG).checkpoint == head()
    with pytest.raises(NoteError, match="does not lead"):
        proofs.verify(ENTRIES[index - 1], proof, LOG)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3\n", ""),
        ("=\n\n", "\n\n"),
        ("index 3\n", "index 3\nAAAA\n"),
        ("index 3\n", "index 3\n" + "A" * 43 + "=\n" * 65),
        ("\n\n", "\n"),
    ],
)
def test_a_proof_of_another_form_is_refused(old: str, new: str) -> None:
    text = proof_of(3, checkpoints.sign(head(), LOG, LOG_KEY)).text()
    with pytest.raises(NoteError):
        proofs.read(text.replace(old, new, 1) if old != "\n\n" else text.replace(old, new))


def test_a_proof_cannot_be_moved_to_another_head() -> None:
    smaller = Checkpoint(ORIGIN, 4, Hash(bytes(32)))
    proof = proof_of(3, checkpoints.sign(smaller, LOG, LOG_KEY))
    with pytest.raises(NoteError, match="does not lead"):
        proofs.verify(ENTRIES[3], proof, LOG)


def test_a_name_that_has_no_bytes_is_none() -> None:
    """JSON can write half of a character; a trust list with such a name must be refused by name, not crash."""
    with pytest.raises(NoteError):
        notes.read_key("\ud800+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode())
