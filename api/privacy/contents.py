"""What an export holds of each table, as data.

Invariants: every table of a tenant stands here, as exported or as left out with the reason (a test holds this against
the catalogue); a row is exported to its owner, and to the other party where `received` names the column of that party.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Contents(NamedTuple):
    """What a file of an export is; whose rows it takes besides one's own; and which columns it leaves out, and why."""

    what: str
    received: str | None = None
    leaves_out: Mapping[str, str] = {}


_SECRET = "a secret's digest"  # noqa: S105  # a reason, no secret
_AS_FILE = "a file of its own in this archive"

EXPORTED: Mapping[str, Contents] = {
    "oauth_client": Contents(
        "clients, without their secrets", None, {"secret_digest": _SECRET, "old_secret_digest": _SECRET}
    ),
    "disclosure_request": Contents("disclosure requests", "respondent_id"),
    "submission": Contents("submissions: drafts and sealed ones, with answers, declaration and digests"),
    "submission_revision": Contents("the history of the answers: what each save said"),
    "evidence": Contents("evidence; the files are in evidence/, named by their digest"),
    "evidence_about": Contents("which answers the evidence is about"),
    "grading": Contents("grades given to others' evidence"),
    "review_decision": Contents("what reviewers decided about submissions", "respondent_id"),
    "review_reply": Contents("replies to allegations", "investor_id"),
    "review_calendar": Contents("days on which the time to reply does not run"),
    "rescoring": Contents("runs that scored submissions again"),
    "assessment": Contents("assessments that are kept, with their results"),
    "questionnaire_draft": Contents("drafts of one's own questionnaires"),
    "published_questionnaire": Contents("one's own published questionnaires"),
    "overlay_draft": Contents("drafts of overlays"),
    "published_overlay": Contents("one's own published overlays"),
    "questionnaire_translation": Contents("translations of one's own questionnaires"),
    "access_grant": Contents("grants", "grantee_id"),
    "access_record": Contents("who read what", "reader_id"),
    "attestation": Contents(
        "attestations; their documents and bundles are in attestations/", "respondent_id",
        {"bundle": _AS_FILE, "statement": "stands in the bundle, as signed"},
    ),
    "attestation_revocation": Contents("revocations of attestations", "other_id"),
    "countersignature": Contents(
        "declarations and assurances, as signed (bytes in hexadecimal); in received/, those about one's attestations",
        "respondent_id",
    ),
    "attestation_suspension": Contents("suspensions of attestations", "respondent_id"),
    "publication_consent": Contents("what one agreed to publish; in received/, what the other party did", "other_id"),
    "own_context": Contents("contexts of one's own"),
    "screening": Contents("screenings: which lists of which dates"),
    "screening_candidate": Contents("candidates of screenings, and what was decided"),
    "screening_setting": Contents("whether names may be sent to an outside service"),
    "break_glass_access": Contents(
        "an operator's accesses to one's own submissions; of an operator, in received/, those that it asked for",
        "operator_id",
    ),
    "directory_act": Contents("what one did to the directory as an operator, and why"),
    "usage": Contents("how much one keeps and how many requests are open, and what the operator allows"),
    "audit_head": Contents("heads of the audit log, as they went into the transparency log"),
    "retention_setting": Contents("how long things stay"),
    "data_export": Contents("exports"),
    "erasure": Contents("erasures with their reports"),
}  # fmt: skip

LEFT_OUT: Mapping[str, str] = {
    "audit_entry": "stands in audit-log.jsonl, in the form that `enduse audit verify` reads",
    "claim": "others' claims of the entry, with digests of random tokens, gone within days",
    "stored_file": "sizes by digest; what each file is stands with what names it: evidence, attestations, exports",
    "used_assertion": "digests of random ids, gone when they expire",
    "revoked_token": "digests of random ids, gone when they expire",
}


def readme(organisation: str, at: str, names: Sequence[str]) -> str:
    """Return the README of an export of an organisation that holds the named files."""
    lines = [
        f"Everything that this service keeps for the organisation {organisation}, as of {at}.",
        "",
        "manifest.json lists every file with its size and SHA-256. A .jsonl file is a table: one JSON object a line.",
        "A file in received/ holds what other organisations addressed to this one. Bytes are in UTF-8.",
        "",
        "organisation.jsonl: the entry in the directory",
        "audit-log.jsonl: what happened; check it with `enduse audit verify audit-log.jsonl`",
    ]
    for table, contents in EXPORTED.items():
        held = [name for name in (f"{table}.jsonl", f"received/{table}.jsonl") if name in names]
        lines += [f"{name}: {contents.what}" for name in held]
        lines += [f"  without {column}: {reason}" for column, reason in contents.leaves_out.items()]
    lines += ["", "Left out:", *(f"{table}: {reason}" for table, reason in LEFT_OUT.items())]
    lines += ["", "A digest in evidence.jsonl without a file in evidence/: its time was over (file_erased_at)."]
    return "\n".join(lines) + "\n"
