"""Criteria with an overlay are no criteria of an attestation."""

import pytest

from attestations.revisions import read_criteria
from questionnaires.canonical import canonical_bytes
from questionnaires.overlays import apply
from questionnaires.revisions import revision_json
from tests.questionnaires.engine_2.overlays.own import WHOLE, load_standard, read


def test_the_verifier_reads_the_standard_and_refuses_what_is_based_on_it() -> None:
    standard = load_standard().criteria
    assert read_criteria(canonical_bytes(revision_json(standard))) == standard
    with pytest.raises(ValueError, match="attestations are of the standard"):
        read_criteria(canonical_bytes(revision_json(apply(read(WHOLE), standard))))
