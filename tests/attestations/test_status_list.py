"""A status list is read as of its moment, from a trusted key alone."""

import base64
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from attestations import status_list
from attestations.status_list import AttestationStatus, StatusList, StatusListError

KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEYS = {"ours": KEY.public_key()}
AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
URI = "https://enduse.example/v1/status-lists/1"
STATUSES = {0: AttestationStatus.REVOKED, 3: AttestationStatus.SUSPENDED, 1023: AttestationStatus.SUPERSEDED}


def listed(size: int = 1024) -> StatusList:
    return StatusList(URI, AT, AT + timedelta(days=1), status_list.pack(size, STATUSES))


def token(changes: Callable[[dict[str, Any]], object] = lambda _: None, **header: str) -> str:
    claims = {
        "sub": URI, "iat": int(AT.timestamp()), "exp": int(AT.timestamp()) + 86400, "ttl": 86400,
        "status_list": {"bits": 2, "lst": fold(status_list.pack(1024, STATUSES))},
    }  # fmt: skip
    changes(claims)
    said = {"alg": "ES256", "typ": "statuslist+jwt", "kid": "ours", **header}
    return jwt.encode(said, claims, ECKey.import_key(KEY), algorithms=[said["alg"]])


def fold(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data)).rstrip(b"=").decode()


def test_a_list_is_read_as_it_was_signed() -> None:
    signed = status_list.sign(listed(), "ours", KEY)
    read = status_list.verify(signed, KEYS.__getitem__, AT)
    assert read == listed()
    assert {index: read.status_of(index) for index in (0, 1, 3, 1023)} == {1: AttestationStatus.VALID, **STATUSES}


@settings(max_examples=50)
@given(st.dictionaries(st.integers(0, 4095), st.sampled_from(AttestationStatus), max_size=60))
def test_every_entry_says_what_was_packed(statuses: dict[int, AttestationStatus]) -> None:
    read = StatusList(URI, AT, AT, status_list.pack(4096, statuses))
    assert all(read.status_of(index) == statuses.get(index, AttestationStatus.VALID) for index in range(4096))


def test_a_large_list_that_is_mostly_valid_is_short() -> None:
    assert len(status_list.sign(listed(131_072), "ours", KEY)) < 700


@pytest.mark.parametrize("index", [-1, 1024])
def test_an_index_outside_has_no_status(index: int) -> None:
    with pytest.raises(StatusListError, match="outside"):
        listed().status_of(index)


@pytest.mark.parametrize("size", [0, 3, status_list.LARGEST_LIST + 4])
def test_a_list_has_a_bounded_size(size: int) -> None:
    with pytest.raises(StatusListError, match="size"):
        status_list.pack(size, {})


def set_list(claims: dict[str, Any], **values: object) -> None:
    claims["status_list"] |= values


REFUSED: dict[str, str] = {
    "another key": status_list.sign(listed(), "ours", OTHER),
    "an unknown key": token(kid="theirs"),
    "another type": token(typ="JWT"),
    "an access token's type": token(typ="at+jwt"),
    "expired": token(lambda claims: claims.update(exp=int(AT.timestamp()))),
    "from the future": token(lambda claims: claims.update(iat=int(AT.timestamp()) + 301)),
    "no subject": token(lambda claims: claims.pop("sub")),
    "no expiry": token(lambda claims: claims.pop("exp")),
    "a moment as text": token(lambda claims: claims.update(iat="2026")),
    "a true moment": token(lambda claims: claims.update(iat=True)),
    "a moment beyond the calendar": token(lambda claims: claims.update(exp=10**15)),
    "no list": token(lambda claims: claims.pop("status_list")),
    "a list of lists": token(lambda claims: claims.update(status_list=[])),
    "other bits": token(lambda claims: set_list(claims, bits=1)),
    "bits as a truth": token(lambda claims: set_list(claims, bits=True)),
    "not base64": token(lambda claims: set_list(claims, lst="*")),
    "not compressed": token(lambda claims: set_list(claims, lst="AAAA")),
    "cut off": token(lambda claims: set_list(claims, lst=claims["status_list"]["lst"][:-8])),
    "followed by bytes": token(
        lambda claims: set_list(claims, lst=base64.urlsafe_b64encode(zlib.compress(b"a") + b"b").rstrip(b"=").decode())
    ),
    "a bomb": token(lambda claims: set_list(claims, lst=fold(bytes(2**24)))),
    "too long": "a" * (status_list.MAX_TOKEN + 1),
    "no token": "a.b.c",
    "nothing": "",
}


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(StatusListError):
        status_list.verify(REFUSED[name], KEYS.__getitem__, AT)


def test_no_signature_is_not_a_signature() -> None:
    head, body, _ = token().split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "statuslist+jwt", "kid": "ours"}).encode())
    for unsigned in (f"{head}.{body}.", f"{header.decode().rstrip('=')}.{body}."):
        with pytest.raises(StatusListError):
            status_list.verify(unsigned, KEYS.__getitem__, AT)
