"""Canonical bytes: those of RFC 8785, whichever way they are made."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.canonical import NotCanonicalError, canonical_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5))


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: object) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


def test_names_are_ordered_by_utf_16_units() -> None:
    assert canonical_bytes({"\ue000": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ue000":1}'.encode()


@pytest.mark.parametrize(
    "value", [1.0, [0.5], {"a": float("nan")}, 2**53, -(2**53), "\ud800", {"\ud800": 1}, {1: 2}, b""]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_bytes(value)
