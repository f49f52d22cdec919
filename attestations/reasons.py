"""Reason codes of a verification and the error that carries one.

Invariants: a code never changes its meaning, because auditors' scripts match on it; the sentence beside it may change.
The sentence never repeats what the checked file says, since answers are confidential.
"""

from collections.abc import Sequence
from enum import StrEnum


class Reason(StrEnum):
    """Why a step has its status. The table in docs/attestation-format.md explains each code."""

    OK = "OK"
    NO_PDF = "NO_PDF"
    EARLIER_STEP_FAILED = "EARLIER_STEP_FAILED"
    UNREADABLE = "UNREADABLE"
    # 1 structure and coverage
    TOO_LARGE = "TOO_LARGE"
    NOT_RECOGNISED = "NOT_RECOGNISED"
    NO_SIGNATURE = "NO_SIGNATURE"
    SEVERAL_SIGNATURES = "SEVERAL_SIGNATURES"
    BYTE_RANGE = "BYTE_RANGE"
    NOT_ENTIRE_FILE = "NOT_ENTIRE_FILE"
    SIGNATURE_CONTENTS = "SIGNATURE_CONTENTS"
    # 2 signature and chain
    SIGNATURE_FORMAT = "SIGNATURE_FORMAT"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    CHAIN_NOT_TRUSTED = "CHAIN_NOT_TRUSTED"
    SIGNED_OUTSIDE_VALIDITY = "SIGNED_OUTSIDE_VALIDITY"
    SIGNED_IN_FUTURE = "SIGNED_IN_FUTURE"
    TIMESTAMP_INVALID = "TIMESTAMP_INVALID"
    SIGNER_EXPIRED = "SIGNER_EXPIRED"
    KEY_OUT_OF_USE = "KEY_OUT_OF_USE"
    KEY_REVOKED = "KEY_REVOKED"
    NOT_CERTIFIED = "NOT_CERTIFIED"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"
    # 3 envelope
    NO_BUNDLE = "NO_BUNDLE"
    SEVERAL_FILES = "SEVERAL_FILES"
    BUNDLE_TOO_LARGE = "BUNDLE_TOO_LARGE"
    BUNDLE_FORMAT = "BUNDLE_FORMAT"
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER"
    ENVELOPE_SIGNATURE = "ENVELOPE_SIGNATURE"
    SIGNERS_DIFFER = "SIGNERS_DIFFER"
    STATEMENT_FORMAT = "STATEMENT_FORMAT"
    TIMES_DISORDERED = "TIMES_DISORDERED"
    STATEMENT_SAYS_MORE = "STATEMENT_SAYS_MORE"
    # 4 digests
    QUESTIONNAIRE_DIGEST = "QUESTIONNAIRE_DIGEST"
    CRITERIA_DIGEST = "CRITERIA_DIGEST"
    CONTEXT_DIGEST = "CONTEXT_DIGEST"
    LEAF_UNKNOWN = "LEAF_UNKNOWN"
    LEAF_TWICE = "LEAF_TWICE"
    QUESTIONNAIRE_NAME = "QUESTIONNAIRE_NAME"
    CRITERIA_NAME = "CRITERIA_NAME"
    CONTEXT_NAME = "CONTEXT_NAME"
    REVISION_DIFFERS = "REVISION_DIFFERS"
    REVISION_NOT_RELEASED = "REVISION_NOT_RELEASED"
    CONTEXT_DIFFERS = "CONTEXT_DIFFERS"
    # 5 score
    PARTLY_DISCLOSED = "PARTLY_DISCLOSED"
    ENGINE_UNKNOWN = "ENGINE_UNKNOWN"
    NOT_COMPUTABLE = "NOT_COMPUTABLE"
    SCORE_DIFFERS = "SCORE_DIFFERS"
    # 6 log
    NO_RECORD = "NO_RECORD"
    RECORD_FORMAT = "RECORD_FORMAT"
    LOG_UNKNOWN = "LOG_UNKNOWN"
    LOG_PROOF = "LOG_PROOF"
    LOG_OTHER = "LOG_OTHER"
    LOG_DOCUMENT = "LOG_DOCUMENT"
    NOT_LOGGED = "NOT_LOGGED"
    # 7 status
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    STATUS_LIST = "STATUS_LIST"
    STATUS_OUT_OF_TIME = "STATUS_OUT_OF_TIME"
    # 8 policy
    NO_POLICY = "NO_POLICY"
    POLICY = "POLICY"
    # 9 single leaf
    NO_LEAF = "NO_LEAF"
    LEAF_PROOF = "LEAF_PROOF"


class RefusedError(ValueError):
    """A file or a part of it is refused. `problems` names every finding where there are several, each with its path."""

    def __init__(self, reason: Reason, sentence: str, problems: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.problems = tuple(problems)
