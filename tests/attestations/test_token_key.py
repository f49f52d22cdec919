"""A key that stays in a token, here SoftHSM's: it signs envelopes and seals; what is wrong is told without the PIN."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from api import keys as installation
from api.settings import Settings
from attestations import signing
from attestations import trust as trusts
from attestations.pdf import seal
from attestations.reasons import Reason
from attestations.token_key import Place, TokenKey, TokenKeyError, _sessions, close_sessions
from attestations.verification import verify

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN, LABEL = "8417-secret", "seal"


class Token(NamedTuple):
    """A token with a key pair that was made in it, and a folder with the certificate of the pair."""

    place: Place
    public: Any
    folder: Path
    pin_file: Path


@pytest.fixture(scope="session")
def module() -> Path:
    found = next((Path(one) for one in MODULES if Path(one).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        warnings.warn("SoftHSM is not installed: keys in tokens are NOT tested", stacklevel=1)
        pytest.skip("SoftHSM is not installed: scripts/setup --test brings it")
    return found


@pytest.fixture(scope="session")
def token(module: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        program = ["softhsm2-util", "--init-token", "--free", "--label", "seals", "--pin", PIN, "--so-pin", "9999"]
        subprocess.run(program, check=True, capture_output=True)
        public = make_key(module)
        root_key = ec.generate_private_key(ec.SECP256R1())
        root = signing.issue_root(root_key, "Root", "Org", datetime(2026, 11, 1, tzinfo=UTC).date())
        signer = signing.issue_signer(
            public, "Signer", "Org", root.not_valid_before_utc.date(), issuer=(root_key, root)
        )
        (folder / "keys").mkdir()
        (folder / "keys" / signing.ROOT_CERTIFICATE).write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "keys" / signing.SIGNER_CERTIFICATE).write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "pin").write_text(PIN + "\n")
        yield Token(Place(module, "seals", LABEL), public, folder / "keys", folder / "pin")
        close_sessions()


def make_key(module: Path) -> Any:
    """Make a key pair in the token and return the public key."""
    with pkcs11.lib(str(module)).get_token(token_label="seals").open(rw=True, user_pin=PIN) as session:
        parameters = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        curve = session.create_domain_parameters(pkcs11.KeyType.EC, parameters, local=True)
        public, _ = curve.generate_keypair(store=True, label=LABEL)
        return load_der_public_key(encode_ec_public_key(public))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Open the token anew in every test."""
    close_sessions()
    yield
    close_sessions()


def test_a_statement_and_a_document_signed_in_the_token_verify(token: Token, forge: Any) -> None:
    signer = signing.load_token_signer(token.folder, token.place, token.pin_file)
    sealed = seal(forge.pdf(forge.bundle(signer)), signer, forge.issued)
    trust = trusts.parse(trusts.build([signer.root], [signer.certificate]))
    assert [step.reason for step in verify(sealed, trust, forge.at).steps[:4]] == [Reason.OK] * 4
    assert PIN not in repr(signer) + repr(signer._signing)


def test_the_service_signs_with_it(token: Token, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    for file in token.folder.iterdir():
        shutil.copy(file, tmp_path / "keys" / file.name)
    place = token.place
    settings = Settings(
        data_folder=tmp_path, pkcs11_module=place.module, pkcs11_token=place.token, pkcs11_key=place.key,
        pkcs11_pin_file=token.pin_file,
    )  # fmt: skip
    found = installation.load(settings)
    assert not (tmp_path / "keys" / signing.SIGNER_KEY).exists(), "no key in a file beside it"
    assert found.signer.keyid in trusts.parse(found.trust).signers
    found.signer._signing.public_key().verify(found.signer.sign(b"x"), b"x", ec.ECDSA(signing.hashes.SHA256()))


# python-pkcs11 complains once more when it lets go of a search in a session that is gone
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_is_opened_once_and_again_after_it_was_lost(token: Token) -> None:
    key = TokenKey(token.place, token.pin_file, token.public)
    (opened,) = _sessions.values()
    key.sign(b"one")
    assert [*_sessions.values()] == [opened]
    opened.close()
    with pytest.raises(TokenKeyError, match="cannot be used"):
        key.sign(b"two")
    assert token_count() == 0
    key.sign(b"three")
    assert token_count() == 1


def token_count() -> int:
    return len(_sessions)


WRONG = {
    "PIN": ({}, "000000", "refuses the PIN"),
    "no PIN": ({}, "", "refuses the PIN|cannot be used"),
    "token": ({"token": "other"}, PIN, "no token with the label 'other'"),
    "key": ({"key": "other"}, PIN, "no private EC key with the label 'other'"),
    "module": ({"module": Path("/nowhere/module.so")}, PIN, "/nowhere/module.so .*cannot be loaded"),
    "no module": ({"module": Path(__file__)}, PIN, "cannot be loaded"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_without_the_pin(name: str, token: Token, tmp_path: Path) -> None:
    change, pin, said = WRONG[name]
    (tmp_path / "pin").write_text(pin)
    with pytest.raises(TokenKeyError, match=said) as refused:
        TokenKey(token.place._replace(**change), tmp_path / "pin", token.public)
    assert refused.value.__suppress_context__
    assert not pin or pin not in str(refused.value)
    assert _sessions == {}


def test_a_missing_pin_file_is_named(token: Token, tmp_path: Path) -> None:
    with pytest.raises(TokenKeyError, match=r"cannot be read from .*nowhere"):
        TokenKey(token.place, tmp_path / "nowhere", token.public)


def test_a_key_of_another_certificate_signs_nothing(token: Token) -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(TokenKeyError, match="does not belong to the signer's certificate"):
        TokenKey(token.place, token.pin_file, other)


@pytest.mark.parametrize("left_out", ["module", "token", "key", "pin_file"])
def test_the_settings_name_the_whole_token_or_none(left_out: str) -> None:
    whole = {"module": "/x.so", "token": "t", "key": "k", "pin_file": "/pin"}
    Settings(**{f"pkcs11_{name}": value for name, value in whole.items()})
    with pytest.raises(ValueError, match="set together"):
        Settings(**{f"pkcs11_{name}": value for name, value in whole.items() if name != left_out})
