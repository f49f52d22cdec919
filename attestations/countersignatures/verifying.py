"""Verify a file of countersignatures against the statement of an attestation that was verified.

Invariants: the index is checked first, so that whatever was changed in a file is found before anything in it is read; a
service's signature is by a signer under the same root as the attestation's; what is about another statement is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from attestations import envelope as envelopes
from attestations.bundle import Bundle
from attestations.certificates import Chain, find_chains, is_later, public_key_id
from attestations.countersignatures import file as files
from attestations.countersignatures.acts import (
    Act,
    Assured,
    Declared,
    Index,
    Subject,
    Withdrawn,
    parse_act,
    parse_index,
    subject_of,
)
from attestations.countersignatures.contents import content_bytes
from attestations.countersignatures.findings import Finding, Findings, withdrawals_by
from attestations.countersignatures.own_signature import Holder, verify_own
from attestations.countersignatures.texts import TEXTS
from attestations.envelope import Envelope
from attestations.in_toto import AnyStatement, Predicate
from attestations.reasons import Reason, RefusedError
from attestations.record import statement_digest
from attestations.statement import read_day, read_instant
from attestations.trust import Trust


@dataclass(frozen=True)
class Attested:
    """The statement that is countersigned: its signer, subject, digest, reading, and what it has to be spoken of."""

    keyid: str
    subject: Subject
    digest: str
    statement: Predicate
    leaves: frozenset[str]
    sections: frozenset[str]


def attested_by(bundle: Bundle, statement: AnyStatement) -> Attested:
    """Return what a bundle attests; raise RefusedError (COUNTERSIGNATURE_SUBJECT) for a statement of version 1."""
    payload = bundle.envelope.payload_bytes
    subject = subject_of(payload)
    assert isinstance(statement, Predicate)  # what has a subject is of version 2
    return Attested(
        keyid=bundle.envelope.keyid,
        subject=subject,
        digest=statement_digest(payload),
        statement=statement,
        leaves=frozenset({*bundle.withheld, *(one.digest for one in bundle.disclosures)}),
        sections=frozenset(section["code"] for section in bundle.questionnaire["sections"]),
    )


def verify_file(data: bytes, attested: Attested, trust: Trust, at: datetime) -> Findings:
    """Return what a file says about a statement, as of a moment (aware); raise RefusedError.

    Call it from a thread without a running event loop.
    """
    file = files.parse(data)
    chains = _check_signer(file.index, attested, trust)
    index = parse_index(file.index.payload_bytes, attested.subject)
    as_of = read_instant(index.as_of)
    _check_signed_at(file.index.keyid, chains, trust, as_of)
    _check_index(index, file.entries, attested)
    acts = [_read_act(entry, attested, trust) for entry in file.entries]
    _check_times(acts, attested, as_of)
    _check_withdrawals(acts, file.entries)
    withdrawn = withdrawals_by(acts, at)
    found = tuple(_judge(act, entry, trust, at, withdrawn) for act, entry in zip(acts, file.entries, strict=True))
    return Findings(
        as_of,
        tuple(one for one in found if not isinstance(one.act, Withdrawn)),
        current=_is_current(file.index.keyid, chains, trust, at),
    )


def _judge(act: Act, entry: files.Entry, trust: Trust, at: datetime, withdrawn: dict[str, str]) -> Finding:
    """Return the finding on an act; refuses an own signature that does not hold and a text that is another."""
    holder: Holder | None = None
    if entry.own_signature is not None:
        content = content_bytes(act.content)
        holder = verify_own(entry.own_signature, content, read_instant(act.at), trust.organisation_roots)
    later = is_later(read_instant(act.at), at)
    return Finding(act, entry.digest, holder, _is_released(act), later, withdrawn.get(entry.digest))


def _is_released(act: Act) -> bool:
    """Tell whether this release knows a declared text by its name; refuse other words under that name."""
    if not isinstance(act, Declared):
        return True
    text = act.declaration.text
    released = TEXTS.get((text.id, text.version))
    if released is not None and released != text.text:
        raise RefusedError(Reason.DECLARED_TEXT, "A declaration has other words than the text that it names.")
    return released is not None


def _check_signer(envelope: Envelope, attested: Attested, trust: Trust) -> list[Chain]:
    """Return the chains of the key that signed, a signer's under a root of the attestation's own signer."""
    certificates = trust.signers.get(envelope.keyid)
    if certificates is None:
        raise _wrong_signer("A countersignature's envelope is not signed by a signer of the trust file.")
    if not envelopes.verify(envelope, trust.key_of(envelope.keyid)):
        raise _wrong_signer("A countersignature's envelope has a signature that does not fit.")
    roots = {_root_key(chain) for chain in find_chains(trust.signers[attested.keyid], trust.roots)}
    chains = [chain for chain in find_chains(certificates, trust.roots) if _root_key(chain) in roots]
    if not chains:
        raise _wrong_signer("A countersignature's envelope is signed under another root than the attestation.")
    return chains


def _check_signed_at(keyid: str, chains: Sequence[Chain], trust: Trust, moment: datetime) -> None:
    window = trust.window_of(keyid)
    in_use = (
        any(chain.is_valid_at(moment) for chain in chains)
        and (window.since is None or moment >= window.since)
        and (window.until is None or moment < window.until)
        and (window.revoked_at is None or moment < window.revoked_at)
    )
    if not in_use:
        raise _wrong_signer("A countersignature's envelope was signed while its key did not count.")


def _is_current(keyid: str, chains: Sequence[Chain], trust: Trust, at: datetime) -> bool:
    revoked_at = trust.window_of(keyid).revoked_at
    return (revoked_at is None or revoked_at > at) and any(chain.is_valid_at(at) for chain in chains)


def _check_index(index: Index, entries: Sequence[files.Entry], attested: Attested) -> None:
    if index.statement != attested.digest:
        raise _wrong_subject("The countersignatures are about another statement.")
    if list(index.entries) != [entry.digest for entry in entries]:
        raise RefusedError(
            Reason.COUNTERSIGNATURES_INDEX,
            "The countersignatures are not those of their index: something was taken out, added, changed or moved.",
        )


def _read_act(entry: files.Entry, attested: Attested, trust: Trust) -> Act:
    """Return the act of an entry, signed as it has to be, about the statement and by whom it may be."""
    chains = _check_signer(entry.envelope, attested, trust)
    act = parse_act(entry.envelope.payload_bytes, attested.subject)
    _check_signed_at(entry.envelope.keyid, chains, trust, read_instant(act.at))
    content, statement = act.content, attested.statement
    if content.statement != attested.digest or content.attestation != statement.attestation:
        raise _wrong_subject("A countersignature is about another statement.")
    parties = {statement.issuer.id, statement.respondent.id}
    if isinstance(act, Declared) and content.organisation != statement.respondent:
        raise _wrong_subject("A declaration is not by the respondent.")
    if isinstance(act, Assured):
        _check_dated(act, attested)
        if content.organisation.id in parties:
            raise _wrong_subject("An assurance is by a party of the attestation.")
        if not attested.leaves >= act.assurance.named_leaves or not attested.sections >= {
            *act.assurance.scope.sections
        }:
            raise _wrong_subject("An assurance names a section or a leaf that the statement does not have.")
    return act


def _check_dated(act: Assured, attested: Attested) -> None:
    """Refuse a report of a day after it was given, or before there was a statement; a day, as time zones differ."""
    dated, zones = read_day(act.assurance.dated), timedelta(days=1)
    if dated > read_instant(act.at).date() + zones:
        raise RefusedError(Reason.COUNTERSIGNATURE_TIME, "An assurance is dated after it was given.")
    if dated < read_instant(attested.statement.issued_at).date() - zones:
        raise RefusedError(Reason.COUNTERSIGNATURE_TIME, "An assurance is dated before what it is about was issued.")


def _check_times(acts: Sequence[Act], attested: Attested, as_of: datetime) -> None:
    moments = [read_instant(attested.statement.issued_at), *(read_instant(act.at) for act in acts), as_of]
    if any(is_later(earlier, later) for earlier, later in pairwise(moments)):
        raise RefusedError(
            Reason.COUNTERSIGNATURE_TIME, "The times of the countersignatures do not follow that of the statement."
        )


def _check_withdrawals(acts: Sequence[Act], entries: Sequence[files.Entry]) -> None:
    """Refuse a withdrawal of what does not stand before it, of a withdrawal, of another's entry, and a second one."""
    before: dict[str, str] = {}
    for act, entry in zip(acts, entries, strict=True):
        if not isinstance(act, Withdrawn):
            before[entry.digest] = act.content.organisation.id
        elif before.pop(act.withdrawal.entry, None) != act.withdrawal.organisation.id:
            raise _wrong_subject("A withdrawal is not of an entry before it, by the same organisation.")


def _root_key(chain: Chain) -> str:
    return public_key_id(chain.root.public_key())


def _wrong_signer(sentence: str) -> RefusedError:
    return RefusedError(Reason.COUNTERSIGNATURE_SIGNER, sentence)


def _wrong_subject(sentence: str) -> RefusedError:
    return RefusedError(Reason.COUNTERSIGNATURE_SUBJECT, sentence)
