"""The maker of countersignatures about an exercise, and the trust of a reader with organisation roots."""

from dataclasses import replace

import pytest

from attestations.trust import Trust
from tests.attestations.conftest import Keys
from tests.attestations.countersignatures.making import Maker, Organisation
from tests.attestations.exercise import Exercise


@pytest.fixture(scope="session")
def whole(keys: Keys) -> bytes:
    return Exercise("f4").signed_2(keys.signer)


@pytest.fixture(scope="session")
def maker(whole: bytes, keys: Keys) -> Maker:
    return Maker(whole, keys.signer)


@pytest.fixture(scope="session")
def organisation() -> Organisation:
    return Organisation()


@pytest.fixture(scope="session")
def knowing(trust: Trust, organisation: Organisation) -> Trust:
    """Trust the authority that names the organisation."""
    return replace(trust, organisation_roots=(organisation.root,))
