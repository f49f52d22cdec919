"""The texts that officers declare, by id and version.

Invariant: a released text is never changed, for signatures stand under it; a new wording is a new version.
"""

from collections.abc import Mapping

OFFICER = "officer-declaration"
NEWEST = "1"

TEXTS: Mapping[tuple[str, str], str] = {
    (OFFICER, "1"): (
        "I may speak for the organisation named here. I have read the attestation whose statement is named here by its "
        "digest. After the enquiries that the matter called for, and to the best of my knowledge, the answers that it "
        "rests on were complete and true on the day on which they were sealed, and say openly where something is not "
        "known or not told. I know that others will rely on this declaration, and that it is kept with my name, my "
        "role and its time, and shown beside the attestation."
    ),
}
"""Each text as it is signed, word for word."""
