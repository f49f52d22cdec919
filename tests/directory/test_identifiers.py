"""LEI, register number, domain and name: what is taken, and what counts as the same."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.identity.identifiers import is_domain, is_lei, key_of_name, key_of_register
from tests.directory.parties import make_lei

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(st.text(CHARACTERS, min_size=18, max_size=18))
def test_a_lei_with_its_check_digits_is_one(body: str) -> None:
    assert is_lei(make_lei(body))


@given(st.text(CHARACTERS, min_size=18, max_size=18), st.integers(0, 17), st.sampled_from(CHARACTERS))
def test_one_letter_or_digit_for_another_is_always_found(body: str, place: int, wrong: str) -> None:
    lei = make_lei(body)
    assume(lei[place].isdigit() == wrong.isdigit())  # a letter counts as two digits, so the rule promises this alone
    changed = lei[:place] + wrong + lei[place + 1 :]
    assert is_lei(changed) == (changed == lei)


def test_the_check_digits_of_the_standards_own_rule() -> None:
    assert is_lei("ENDU00EXAMPLE0000039")
    assert not any(is_lei(f"ENDU00EXAMPLE00000{digits:02d}") for digits in range(100) if digits != 39)


@pytest.mark.parametrize(
    "value", ["", "ENDU00EXAMPLE000003", "endu00example0000039", "ENDU00EXAMPLE00000391", "Ä" * 20]
)
def test_what_has_not_the_form_is_no_lei(value: str) -> None:
    assert not is_lei(value)


@pytest.mark.parametrize("value", ["quillmere.example", "a-b.co.example", "xn--mller-kva.example", "1.example"])
def test_a_public_domain(value: str) -> None:
    assert is_domain(value)


@pytest.mark.parametrize(
    "value",
    [
        "localhost", "quillmere", "10.0.0.1", "2001:db8::1", "quillmere.local", "db.internal", "x.arpa",
        "Quillmere.example", "quillmere.example.", ".example", "a..example", "-a.example", "a-.example", "a_b.example",
        "https://a.example", "a.example/x", "a.example:53", "a b.example", "müller.example", f"{'a.' * 100}example",
        "a." + "b" * 64, "",
    ],
)  # fmt: skip
def test_what_is_no_public_domain(value: str) -> None:
    assert not is_domain(value)


@pytest.mark.parametrize("value", ["HRB 12345", "hrb12345", "H.R.B. 12-345", "\uff28RB 12345"])
def test_spellings_of_one_register_number(value: str) -> None:
    assert key_of_register(value) == "HRB12345"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Žofia-Works  Ltd.", "zofia works ltd"), ("QUILLMERE", "quillmere"), ("株式会社 監視", "株式会社 監視"),
        ("«Straße» AG", "strasse ag"),
    ],
)  # fmt: skip
def test_how_a_name_is_searched_for(name: str, key: str) -> None:
    assert key_of_name(name) == key
