"""Use case of witnesses: they add their signatures to the head of now.

Invariants: only witnesses that the operator named count; a signature is verified before anybody waits for anything; the
head itself never changes, and a witness signs one head once. What is not the head of now is refused: a witness that
signs another saw another log, or an older one.
Source: C2SP tlog-cosignature, version 1 (Ed25519).
"""

from sqlalchemy.orm import Session

from api import clock
from api.problems import Flaw, Refusal
from api.transparency.published import PublishedHead
from api.transparency.service import take_publishing_turn
from attestations.transparency import notes
from attestations.transparency.notes import Note, NoteError, NoteKey

LEEWAY = 300
"""Seconds by which the clock of a witness may be ahead."""


def cosign(session: Session, published: PublishedHead, data: bytes) -> None:
    """Add the cosignatures of a note over the published head; those it has already are left as they are."""
    offered = _read(data)
    signed = _signers(offered, published.witnesses)
    take_publishing_turn(session)
    shown = published.read()
    if shown is None or notes.read(shown.encode()).text != offered.text:
        raise Refusal("conflict", "This is not the published head: read /log/checkpoint, and sign that.")
    known = notes.signers_of(notes.read(shown.encode()), published.witnesses)
    lines = [line.text() for key, line in signed.items() if key not in known]
    if lines:
        published.write(shown + "".join(lines))


def _read(data: bytes) -> Note:
    try:
        return notes.read(data)
    except NoteError as error:
        raise _invalid("note", f"Send the checkpoint with your signature lines under it ({error}).") from None


def _signers(offered: Note, witnesses: tuple[NoteKey, ...]) -> dict[NoteKey, notes.SignatureLine]:
    """Return the line of each witness that signed; refuse where there is none, or one that does not hold."""
    try:
        moments = notes.signers_of(offered, witnesses)
    except NoteError as error:
        raise _invalid("signature", f"A cosignature is not good: {error}.") from None
    if not moments:
        raise _invalid("witness", "No line is of a witness that the operator of this log has named.")
    if any(at is None or at > clock.now().timestamp() + LEEWAY for at in moments.values()):
        raise _invalid("time", "A cosignature says a time that is not yet.")
    lines = {(line.name, line.key_id): line for line in offered.signatures}
    return {key: lines[key.name, key.id] for key in moments}


def _invalid(code: str, detail: str) -> Refusal:
    return Refusal("invalid", "Correct every problem named in errors.", [Flaw("", code, detail)])
