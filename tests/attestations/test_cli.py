"""The command: exit codes, plain words, a light start."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from attestations import cli
from attestations import trust as trusts

HEAVY = ("pyhanko", "asn1crypto", "cryptography", "pydantic", "fastapi", "sqlalchemy", "weasyprint", "questionnaires")


@pytest.fixture
def folder(tmp_path: Path, keys: Any, sealed: bytes, bundle: bytes) -> Path:
    (tmp_path / "trust.json").write_bytes(trusts.build([keys.signer.root], [keys.signer.certificate]))
    (tmp_path / "good.pdf").write_bytes(sealed)
    (tmp_path / "bundle.json").write_bytes(bundle)
    (tmp_path / "bad.pdf").write_bytes(sealed + b"x")
    return tmp_path


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = "import sys; from attestations.cli import main; code = main(['--help']); print(code, *sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    loaded = set(said.splitlines()[-1].split())
    assert not loaded & set(HEAVY)
    assert all(f"  {name}" in said for name in cli.COMMANDS)


def test_verify_does_not_load_the_server(folder: Path) -> None:
    script = "import sys; from attestations.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", script, "verify", "good.pdf", "--trust", "trust.json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout
    loaded = set(said.splitlines()[-1].split())
    assert "pyhanko" in loaded
    assert not loaded & {"fastapi", "sqlalchemy", "weasyprint", "psycopg", "api"}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("enduse 0.")


def test_unknown_command_and_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 64
    assert run("dance") == 64
    assert capsys.readouterr().err == "enduse: no such command; see enduse --help\n"


@pytest.mark.parametrize(
    ("file", "code", "word", "reason"),
    [
        ("good.pdf", 1, "INDETERMINATE", "PARTLY_DISCLOSED"),
        ("bundle.json", 1, "INDETERMINATE", "NO_PDF"),
        ("bad.pdf", 2, "FAILED", "NOT_ENTIRE_FILE"),
    ],
)
def test_verify_says_and_returns_the_outcome(
    folder: Path, capsys: pytest.CaptureFixture[str], file: str, code: int, word: str, reason: str
) -> None:
    arguments = ("verify", folder / file, "--trust", folder / "trust.json", "--at", "2026-12-01")
    assert run(*arguments) == code
    lines = capsys.readouterr().out.splitlines()
    numbered = [line.partition(" ")[0] for line in lines if line[:1].isdigit()]
    assert numbered == [f"{number}." for number in range(1, 11)]
    assert lines[-1] == f"{word} as of 2026-12-01T23:59:59Z"
    assert any(reason in line for line in lines)
    assert run(*arguments, "--json") == code
    report = json.loads(capsys.readouterr().out)
    assert report["outcome"] == word
    assert [step["number"] for step in report["steps"]] == list(range(1, 11))
    assert reason in {step["reason"] for step in report["steps"]}


def test_a_day_is_meant_to_its_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("verify", folder / "good.pdf", "--trust", folder / "trust.json", "--at")
    assert run(*command, "2026-11-25") == 1
    assert run(*command, "2026-11-25T08:00:00Z") == 2
    assert "SIGNED_IN_FUTURE" in capsys.readouterr().out


def test_wrong_use_is_one_line_and_64(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, trust = folder / "good.pdf", folder / "trust.json"
    (folder / "broken.json").write_text("{}")
    for arguments in (
        ("verify", folder / "missing.pdf", "--trust", trust),
        ("verify", folder, "--trust", trust),
        ("verify", good, "--trust", folder / "missing.json"),
        ("verify", good, "--trust", good),
        ("verify", good),
        ("verify", good, "--trust", trust, "--at", "yesterday"),
        ("score", "--criteria", "none@1", "--values", trust),
    ):
        assert run(*arguments) == 64
        said = capsys.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == 1, said.err
    assert run("verify", good, "--trust", folder / "broken.json") == 64
    assert len(capsys.readouterr().err.splitlines()) == 3, "each missing field is named"


def test_names_in_a_report_cannot_move_the_cursor(
    folder: Path, capsys: pytest.CaptureFixture[str], keys: Any, forge: Any
) -> None:
    names = {"id": forge.content()["issuer"]["id"], "name": "Fund\x1b[2J\nPASSED"}
    (folder / "odd.json").write_bytes(forge.bundle(keys.signer, issuer=names))
    assert run("verify", folder / "odd.json", "--trust", folder / "trust.json", "--at", "2026-12-01") == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert not any(line.startswith("PASSED") for line in said.splitlines())


def test_server_command_without_the_server(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    command = cli.Command("attestations_absent.cli:serve", "absent")
    monkeypatch.setitem(cli.COMMANDS, "serve", command)
    assert run("serve") == 3
    assert capsys.readouterr().err == "enduse serve: install enduse[server] (missing: attestations_absent)\n"


def test_trust_file_of_openssl_certificates(folder: Path, keys: Any) -> None:
    """An auditor can write trust.json by hand from PEM files."""
    by_hand = {
        "format": "enduse-trust/1",
        "roots": [keys.signer.root.public_bytes(Encoding.PEM).decode()],
        "signers": [
            {"keyid": keys.signer.keyid, "certificate": keys.signer.certificate.public_bytes(Encoding.PEM).decode()}
        ],
    }
    (folder / "hand.json").write_text(json.dumps(by_hand, indent=2))
    assert run("verify", folder / "good.pdf", "--trust", folder / "hand.json", "--at", "2026-12-01") == 1
