"""Use cases of the log.

Invariants: an entry is written in the transaction of what it tells of; one sequencer at a time gives places, so there
is one history; nodes are written once; a database that does not hold what was published is given no entry more.
"""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.orm import Session

from api import clock, ids
from api.jobs.queue import enqueue
from api.transparency.keys import LogKey
from api.transparency.models import LogEntry, LogHead, LogNode, PendingEntry
from api.transparency.published import PublishedHead
from attestations.record import Event, Record
from attestations.transparency import tree
from attestations.transparency.checkpoints import Checkpoint
from attestations.transparency.entries import AuditHeads, Entry, write_entry
from attestations.transparency.proofs import Proof
from attestations.transparency.tree import Hash, Node, Parts, Place

SEQUENCE_TASK = "transparency.sequence"
MOST_AT_ONCE = 1000
_SEQUENCING, _PUBLISHING = 8_230_417, 8_230_418
"""Names of advisory locks, arbitrary."""


class LogLostError(RuntimeError):
    """The database does not hold what was published: a backup was restored, or the log was changed. Call for help."""


def enter(session: Session, entry: Entry) -> None:
    """Have an entry put into the log after the session's transaction commits."""
    statement = None if isinstance(entry, AuditHeads) else entry.statement
    pending = PendingEntry(id=ids.uuid7(), statement=statement, entry=write_entry(entry))
    session.add(pending)
    session.flush()
    enqueue(session, SEQUENCE_TASK, pending=pending.id)


def sequence(session: Session, key: LogKey, published: PublishedHead) -> int:
    """Give places to what is pending, at most 1,000 entries, sign the new head, and return how many there were.

    Raises LogLostError. The caller commits.
    """
    take_turn(session, _SEQUENCING)
    waiting = session.scalars(select(PendingEntry).order_by(PendingEntry.id).limit(MOST_AT_ONCE)).all()
    if not waiting:
        return 0
    size = size_of(session)
    _check_published(session, published, size)
    edge, made = tree.grow(_edge(session, size), [tree.leaf_hash(pending.entry) for pending in waiting])
    session.add_all(
        LogEntry(number=size + at, statement=pending.statement, entry=pending.entry)
        for at, pending in enumerate(waiting)
    )
    session.add_all(LogNode(level=node.place.level, number=node.place.number, hash=node.hash) for node in made)
    head = Checkpoint(key.public.name, size + len(waiting), tree.fold([node.hash for node in edge]))
    session.add(LogHead(size=head.size, checkpoint=key.sign(head), signed_at=clock.now()))
    session.flush()
    session.execute(delete(PendingEntry).where(PendingEntry.id.in_([pending.id for pending in waiting])))
    return len(waiting)


def publish(session: Session, published: PublishedHead, key: LogKey) -> None:
    """Show the newest committed head to the world; raise LogLostError where it is not a continuation of the last.

    A head that was committed under an earlier key is signed by the present one too.
    """
    take_publishing_turn(session)
    newest = session.scalars(select(LogHead).order_by(LogHead.size.desc()).limit(1)).one_or_none()
    size = 0 if newest is None else newest.size
    _check_published(session, published, size)
    last = published.head()
    if newest is not None and (last is None or last.size < newest.size):
        published.write(key.countersign(newest.checkpoint))


def size_of(session: Session) -> int:
    """Return how many entries have a place."""
    return session.scalar(select(func.max(LogHead.size))) or 0


def root_at(session: Session, size: int) -> Hash:
    """Return the root of the first entries; raise LogLostError where nodes are missing."""
    (root,) = hashes_of(session, [tree.parts(0, size)])
    return root


def hashes_of(session: Session, runs: Sequence[Parts]) -> list[Hash]:
    """Return the hash folded from each run of nodes, all read at once."""
    wanted = {place for run in runs for place in run}
    nodes = _nodes(session, wanted)
    return [tree.fold([nodes[place] for place in run]) for run in runs]


def entries_between(session: Session, first: int, count: int) -> list[bytes]:
    """Return entries by their places."""
    query = select(LogEntry.entry).where(LogEntry.number >= first, LogEntry.number < first + count)
    return list(session.scalars(query.order_by(LogEntry.number)))


def prove_inclusion(session: Session, number: int, size: int) -> list[Hash]:
    """Return the proof that an entry is in the tree of `size` entries; raise ValueError where it is not."""
    return hashes_of(session, tree.inclusion(number, size))


def prove_consistency(session: Session, old: int, new: int) -> list[Hash]:
    """Return the proof that the newer tree begins with the older; raise ValueError where the sizes cannot be."""
    return hashes_of(session, tree.consistency(old, new))


def record_of(session: Session, published: PublishedHead, statement: str) -> Record | None:
    """Return what the published log holds about a statement, each event proven; None where that is nothing."""
    note, head = published.read(), published.head()
    if note is None or head is None:
        return None
    query = select(LogEntry).where(LogEntry.statement == statement, LogEntry.number < head.size)
    found = session.scalars(query.order_by(LogEntry.number)).all()
    events = []
    for row in found:
        proof = Proof(row.number, tuple(prove_inclusion(session, row.number, head.size)), note)
        events.append(Event(entry=row.entry.decode(), proof=proof.text()))
    return Record(events=tuple(events)) if events else None


def take_publishing_turn(session: Session) -> None:
    """Wait until nobody else changes what is published."""
    take_turn(session, _PUBLISHING)


def take_turn(session: Session, lock: int) -> None:
    """Wait until no other transaction has the turn of this name; it is given back with the transaction."""
    session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})


def _check_published(session: Session, published: PublishedHead, size: int) -> None:
    last = published.head()
    if last is None:
        return
    if last.size > size:
        raise LogLostError(f"{last.size} entries were published, and the database has {size}")
    if root_at(session, last.size) != last.root:
        raise LogLostError("the database holds other entries than were published")


def _edge(session: Session, size: int) -> list[Node]:
    places = tree.parts(0, size)
    nodes = _nodes(session, set(places))
    return [Node(place, nodes[place]) for place in places]


def _nodes(session: Session, places: set[Place]) -> dict[Place, Hash]:
    query = select(LogNode.level, LogNode.number, LogNode.hash).where(
        tuple_(LogNode.level, LogNode.number).in_(list(places))
    )
    found = {Place(level, number): Hash(hash_) for level, number, hash_ in session.execute(query)} if places else {}
    if found.keys() != places:
        raise LogLostError("nodes of the tree are missing")
    return found
