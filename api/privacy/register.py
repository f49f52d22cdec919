"""Where personal data is, as data: every column that can hold some, and every one that is declared free of it.

Invariants: each text, JSON or binary column of each table stands here once: in `PERSONAL`, or in `free.FREE` (a test
holds this against the database's catalogue, and the questionnaires' free-text fields against `ANSWERS`);
docs/privacy.md is printed from here.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Personal(NamedTuple):
    """What a place can hold, why it is there, who sees it, how long it stays, and how it goes before that."""

    holds: str
    why: str
    seen_by: str
    stays: str
    goes: str


_DIRECTORY = "as long as the service: attestations and the other side's records name the organisation"
_SEALED = "as long as the sealed submission, which never changes"
_DRAFT = "until sealed; of a draft never sealed, the setting `drafts` after the due date"
_CHAIN = "as long as the audit log"
_PERSON = "erasure of the person"
_WITH_LEAVING = "erasure of the organisation"
_OWNER, _PARTIES = "the organisation", "both parties"
_GRANTED = "the vendor; once sealed the asking investor, and grantees"
_BREAKERS, _ACCESS = "the vendor and the operator", "as long as the submission"
_PUBLISHED = "both parties, and grantees"
_EVERYBODY, _BOTH_AGREE = "everybody", "as long as both parties agree"
_WITHDRAWING = f"either party withdraws it; {_PERSON} who declared; {_WITH_LEAVING}"
_NEVER = "never: it is part of what was declared and may be attested"
_ASKED = "the organisation, the vendors that it asks with it, and grantees"
_UNCHANGED = "as long as the service: it never changes"
_NEVER_LAID = "never: assessments that are kept name it by its digest"
_NEVER_PUBLISHED = "never: answers and attestations name it by its digest"

PERSONAL: Mapping[str, Personal] = {
    "organisation.name": Personal(
        "a company's name, which may be a person's", "who asks and who answers", "every organisation", _DIRECTORY,
        "the operator corrects it",
    ),
    "oauth_client.name": Personal(
        "what a client is called, at times after a person", "to tell clients apart", _OWNER, "as long as the client",
        f"{_PERSON}, unless the client is revoked; {_WITH_LEAVING}",
    ),
    "disclosure_request.note": Personal(
        "free text to the vendor", "to explain the request", _PARTIES, "as long as the request", _WITH_LEAVING,
    ),
    "access_grant.purpose": Personal(
        "free text to the grantee", "to say what the access is for", "vendor and grantee", "as long as the submission",
        "not by the service",
    ),
    "access_grant.shown": Personal(
        "a copy of answers", "to show a part without the whole", "vendor and grantee", "as long as the submission",
        "not by the service; a grant that is revoked shows it to the vendor alone",
    ),
    "submission.answers": Personal(
        "the answers (see below)", "the due diligence itself", _GRANTED, _DRAFT,
        f"the vendor changes its draft; {_WITH_LEAVING} empties drafts; sealed answers never",
    ),
    "submission.sealed": Personal(
        "name and role of the person who declares", "somebody must stand for the answers", _GRANTED, _SEALED, _NEVER,
    ),
    "submission.leaves": Personal(
        "digests of the sealed answers", "to show that no answer changed", _GRANTED, _SEALED, _NEVER,
    ),
    "questionnaire_draft.title": Personal(
        "the title of a questionnaire that is being written", "to find it again", _OWNER, "until it is deleted",
        f"the organisation deletes it; {_WITH_LEAVING}",
    ),
    "questionnaire_draft.source": Personal(
        "a questionnaire that is being written; free text may name people", "to ask one's own questions", _OWNER,
        "until it is deleted", f"the organisation deletes it; {_WITH_LEAVING}",
    ),
    "overlay_draft.title": Personal(
        "the title of an overlay that is being written", "to find it again", _OWNER, "until it is deleted",
        f"the organisation deletes it; {_WITH_LEAVING}",
    ),
    "overlay_draft.source": Personal(
        "an overlay that is being written; free text may name people", "to judge by one's own criteria", _OWNER,
        "until it is deleted", f"the organisation deletes it; {_WITH_LEAVING}",
    ),
    "published_overlay.title": Personal(
        "what an overlay is called", "to find it", _OWNER, _UNCHANGED, _NEVER_LAID,
    ),
    "published_overlay.definition": Personal(
        "weights, thresholds, red lines and caps, with reasons; free text may name people",
        "assessments that are kept are by it", _OWNER, _UNCHANGED, _NEVER_LAID,
    ),
    "published_questionnaire.title": Personal(
        "what a questionnaire is called", "to find it", _ASKED, _UNCHANGED, _NEVER_PUBLISHED,
    ),
    "published_questionnaire.definition": Personal(
        "the questions, as their author worded them; free text may name people", "answers are answers to it", _ASKED,
        _UNCHANGED, _NEVER_PUBLISHED,
    ),
    "questionnaire_translation.texts": Personal(
        "the same in another language", "so that respondents understand it", _ASKED, "until it is removed",
        "the organisation removes it",
    ),
    "submission_revision.delta": Personal(
        "what each save said", "the history of the answers", "the vendor", _DRAFT,
        f"retention or {_WITH_LEAVING}, of drafts only",
    ),
    "submission_revision.person": Personal(
        "who saved, as the vendor's system names them", "the history of the answers", "the vendor", _DRAFT,
        f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "evidence.file_name": Personal(
        "the name of an uploaded file", "to find it again", _GRANTED, _SEALED, f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "evidence.public_url": Personal(
        "an address of a public page", "so that anybody can read it", _GRANTED, _SEALED, "not by the service",
    ),
    "grading.note": Personal(
        "free text of a reviewer", "why the grade", "grader, and whoever sees the submission", _SEALED,
        "not by the service",
    ),
    "grading.person": Personal(
        "the reviewer, as the grader's system names them", "who answers for the grade",
        "the grader", _SEALED, f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "review_decision.reason": Personal(
        "an allegation, or why it was decided so; may name people", "the vendor must know what it replies to",
        _PARTIES, _SEALED, _NEVER,
    ),
    "review_decision.person": Personal(
        "the reviewer, as the investor's system names them", "who answers for the decision", _PARTIES, _SEALED,
        f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "review_reply.reply": Personal(
        "what the vendor says to an allegation; may name people", "its right of reply", _PARTIES, _SEALED, _NEVER,
    ),
    "review_reply.person": Personal(
        "who replied, as the vendor's system names them", "who answers for the reply", _PARTIES, _SEALED,
        f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "assessment.result": Personal(
        "a scorecard, with allegations and replies", "to keep old results beside new ones", "the investor", _SEALED,
        _NEVER,
    ),
    "attestation.statement": Personal(
        "name and role of the person who declared", "it is what was signed", _PUBLISHED, "for good: signed",
        _NEVER,
    ),
    "attestation.bundle": Personal(
        "the statement and the answers", "anybody who has it can verify it", _PUBLISHED, "for good: signed", _NEVER,
    ),
    "registry_entry.issuer": Personal(
        "a company's name, which may be a person's", "who attests", _EVERYBODY, _BOTH_AGREE, _WITHDRAWING,
    ),
    "registry_entry.respondent": Personal(
        "a company's name, which may be a person's", "who declared", _EVERYBODY, _BOTH_AGREE, _WITHDRAWING,
    ),
    "registry_entry.respondent_key": Personal(
        "the same, as it is searched for", "to search by name", "nobody", _BOTH_AGREE, _WITHDRAWING,
    ),
    "registry_entry.questionnaire_title": Personal(
        "what a questionnaire is called", "what was asked", _EVERYBODY, _BOTH_AGREE, _WITHDRAWING,
    ),
    "registry_entry.bundle": Personal(
        "the statement, with name and role of the person who declared, and the answers that the parties show",
        "both parties want it public, and anybody can verify it", _EVERYBODY, _BOTH_AGREE, _WITHDRAWING,
    ),
    "registry_entry.pdf": Personal(
        "the same as pages", "both parties want it public, and anybody can verify it", _EVERYBODY, _BOTH_AGREE,
        _WITHDRAWING,
    ),
    "own_context.content": Personal(
        "an area list with reasons and sources, which may name authors", "which places are read how",
        "the organisation, and who is asked with it", "for good: it is what one assesses with", "not by the service",
    ),
    "own_context.person": Personal(
        "who made it, as the organisation's system names them", "who answers for the changes", _OWNER,
        "as long as the context", f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "screening.person": Personal(
        "who asked, as the organisation's system names them", "who screened whom", _OWNER, _SEALED,
        f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "screening_candidate.name": Personal(
        "a name in an answer: of a buyer, an owner, an intermediary; may be a person's", "what was compared",
        "who asked for the screening; once confirmed the vendor", _SEALED, "not by the service",
    ),
    "screening_candidate.matched": Personal(
        "a name on a public list, at times a person's: a likeness, not a finding", "what it is like",
        "who asked for the screening; once confirmed the vendor", _SEALED, "not by the service",
    ),
    "screening_candidate.reason": Personal(
        "free text: why confirmed or dismissed", "a person answers for it",
        "who asked for the screening; once confirmed the vendor", _SEALED, "not by the service",
    ),
    "screening_candidate.decided_by": Personal(
        "who decided, as the organisation's system names them", "a person, never the machine, decides",
        _OWNER, _SEALED, f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "screening_entry.names": Personal(
        "names on public lists, people's among them", "to compare names with", "the service; nobody lists them",
        "until a newer list takes its place", "the operator loads a newer list",
    ),
    "access_record.person": Personal(
        "who read, as the reader's system names them", "the vendor sees who read what", "the vendor",
        "the setting `access_records`", f"{_PERSON}, by the vendor or the reader; {_WITH_LEAVING}",
    ),
    "audit_entry.payload": Personal(
        "a salted digest of the person; the name itself in entries of the first format", "who did what", _OWNER, _CHAIN,
        f"{_PERSON} takes the name out of entries of the first format",
    ),
    "audit_entry.person": Personal(
        "who acted, as the organisation's system names them", "who did what", _OWNER, _CHAIN,
        f"{_PERSON}; {_WITH_LEAVING}",
    ),
    "audit_entry.salt": Personal(
        "what makes the digest of the person unguessable", "to show that the name is the one that acted", _OWNER,
        _CHAIN, "with the name",
    ),
    "organisation.name_key": Personal(
        "the name, in small letters without accents", "to search by name", "nobody", _DIRECTORY, "with the name",
    ),
    "directory_act.reason": Personal(
        "free text of an operator", "to account for a change of the directory", "the operator", "for good",
        "not by the service",
    ),
    "directory_act.person": Personal(
        "who acted, as the operator's system names them", "to account for a change of the directory", "the operator",
        "for good", f"{_PERSON}, by the operator",
    ),
    "break_glass_access.reason": Personal(
        "free text of an operator", "the vendor sees why somebody looks", _BREAKERS, _ACCESS,
        f"{_PERSON} whose name stands in it, once the access is over; {_WITH_LEAVING}",
    ),
    "break_glass_access.requested_person": Personal(
        "who asked and read, as the operator's system names them", "the vendor sees who looks", _BREAKERS, _ACCESS,
        f"{_PERSON}, by the vendor or the operator, once the access is over; {_WITH_LEAVING}",
    ),
    "break_glass_access.approved_person": Personal(
        "who approved, as the operator's system names them", "nobody looks alone", _BREAKERS, _ACCESS,
        f"{_PERSON}, by the vendor or the operator, once the access is over; {_WITH_LEAVING}",
    ),
    "erasure.reason": Personal(
        "free text; the erased name is refused in it", "to account for the erasure", _OWNER, "for good",
        "not by the service",
    ),
    "erasure.subject_digest": Personal(
        "a salted digest of the erased person; the salt is told once and not kept", "to show later who was erased",
        _OWNER, "for good", "not by the service",
    ),
    "rate_limit.key": Personal(
        "the address that asked for a token or made a claim (of IPv6, the network)", "to slow down guessing",
        "the operator", "minutes, in a table that a crash empties", "by itself",
    ),
}  # fmt: skip

ANSWERS: Mapping[str, str] = {
    "name": "what a product or a deployment is called, often after a customer or a place",
    "reason": "why an answer is not applicable or confidential",
    "legal_basis": "the law that forbids an answer",
    "reply": "what the vendor says to an allegation; may name people",
    "note": "a remark beside an answer",
}
"""Free text within the answers beside the fields of the questionnaires, which docs/privacy.md lists from themselves."""

ELSEWHERE: Mapping[str, Personal] = {
    "files of evidence": Personal(
        "whatever the vendor attached", "to prove answers", _GRANTED,
        "as long as a row names them: see `drafts` and `evidence`", "withdrawing from a draft, retention",
    ),
    "PDF of an attestation": Personal(
        "page 1 and the embedded bundle: the declaring person's name and role; the answers where disclosed",
        "it is what was signed", "both parties, and whoever they hand it to", "for good: signed", _NEVER,
    ),
    "ZIP of an export": Personal(
        "everything above that is the organisation's", "to take one's data along", "clients with `exports:write`",
        "the setting `exports`", "retention; erasure of a person or the organisation",
    ),
    "log of the service": Personal(
        "the address and path of each request, ids, places in the code of failures; no body, no name, no query",
        "to run the service", "the operator", "as the operator's log rotation says", "not by the service",
    ),
    "backups of the operator": Personal(
        "everything", "to restore after a loss", "the operator", "as the operator says",
        "not by the service: after restoring, tell the organisations, which ask for their erasures again",
    ),
}  # fmt: skip

FILES: Mapping[tuple[str, str], str] = {
    ("evidence", "file_digest"): "file_erased_at is null",
    ("attestation", "pdf_digest"): "true",
    ("data_export", "file_digest"): "true",
}
"""Every column that names a stored file of its row's tenant, and on which rows. What none names is removed.

Not `stored_file.digest`: it says how much is kept, and goes with the file."""
