"""The document of an attestation: what an investor's board reads and an auditor checks.

Invariants: everything printed comes from the bundle alone, no clock and no database; the same bundle gives the same
bytes; nothing is fetched. The document is unsigned: sealing it is another step.
"""

from api.attesting.document.content import DocumentError
from api.attesting.document.rendering import render

__all__ = ["DocumentError", "render"]
