"""The command at its edges: no failure of ours looks like a result, and nothing reaches the terminal raw."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attestations import cli
from attestations import trust as trusts

ODD = "Søren \u202e\u0433\u048f\x1b[2J\x9b31m" + " " * 90 + "PASSED as of 2026-11-25T00:00:00Z"
AT = ("--at", "2026-12-01")


@pytest.fixture
def folder(tmp_path: Path, keys: Any, forge: Any) -> Path:
    exercise = forge.exercise("f1")
    exercise.statement["respondent"]["name"] = ODD
    (tmp_path / "odd.json").write_bytes(exercise.signed(keys.signer))
    (tmp_path / "trust.json").write_bytes(trusts.build([keys.signer.root], [keys.signer.certificate]))
    return tmp_path


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def start(folder: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own on the odd bundle, which passes but for the missing PDF."""
    script = "import sys; from attestations.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "verify", "odd.json", "--trust", "trust.json", *AT, *arguments]
    return subprocess.run(command, cwd=folder, check=False, **options)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_any_terminal_can_show_a_report(folder: Path, encoding: str, form: tuple[str, ...]) -> None:
    done = start(folder, *form, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding})
    said = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not {"\u202e", "\x1b", "\x9b"} & set(said)
    if form:
        assert said.isascii()
        assert json.loads(said)["statement"]["respondent"]["name"] == ODD
    else:
        assert sum("PASSED as of" in line for line in said.splitlines()) == 1


def test_output_that_cannot_be_written(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = start(folder, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (70, b"enduse verify: the output could not be written\n")
    reading, writing = os.pipe()
    os.close(reading)
    done = start(folder, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (70, b"enduse verify: the output could not be written\n")


def test_no_output_at_all(folder: Path) -> None:
    closed = "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    script = "import sys; from attestations.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", closed, "-c", script, "verify", "odd.json", "--trust", "trust.json", *AT]
    done = subprocess.run(command, cwd=folder, check=False, stderr=subprocess.PIPE)
    assert done.returncode == 70


@pytest.mark.parametrize("error", [RuntimeError("secret"), MemoryError(), RecursionError()])
def test_our_own_failure_is_no_result(
    folder: Path, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from attestations import verification

    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(verification, "verify", fail)
    assert run("verify", folder / "odd.json", "--trust", folder / "trust.json") == 70
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"enduse verify: internal error: {type(error).__name__}\n")


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("9999-12-31", 1),
        ("9999-12-31T23:59:59-10:00", 64),
        ("0001-01-01", 2),
        ("0001-01-01T00:00:00+10:00", 64),
        ("2026-12-01T12:00:00+02:00", 0),
        ("", 64),
        ("T", 64),
        ("2027-01-01\x1b[31m", 64),
    ],
)
def test_any_moment_has_an_answer(folder: Path, moment: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", folder / "odd.json", "--trust", folder / "trust.json", "--at", moment) == code
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    if moment == "2026-12-01T12:00:00+02:00":
        assert said.out.splitlines()[-1] == "PASSED as of 2026-12-01T10:00:00Z"


def test_a_pipe_or_a_device_is_not_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "pipe")
    for file in (folder / "pipe", Path("/dev/zero"), folder):
        for arguments in ((file, "--trust", folder / "trust.json"), (folder / "odd.json", "--trust", file)):
            assert run("verify", *arguments) == 64
            assert capsys.readouterr().err == f"enduse verify: {file}: not a file\n"


def test_errors_show_names_without_control_characters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trust = json.loads((folder / "trust.json").read_bytes()) | {"\x1b[31m\u202e": 1}
    (folder / "odd trust.json").write_text(json.dumps(trust), encoding="utf-8")
    for arguments in (
        (folder / "no\x1b[31m\u202e.pdf", "--trust", folder / "trust.json"),
        (folder / "odd.json", "--trust", folder / "odd trust.json"),
        (folder / "odd.json", "--trust", folder / "trust.json", "--no\x1b[31m\u202e"),
    ):
        assert run("verify", *arguments) == 64
        said = capsys.readouterr().err
        assert "[31m" in said
        assert not {"\x1b", "\u202e"} & set(said)


def test_a_revision_is_taken_by_its_digest(
    folder: Path, keys: Any, forge: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    exercise = forge.exercise("f1")
    exercise.rename("criteria", revision="99")
    (folder / "new.json").write_bytes(exercise.signed(keys.signer))
    digest = exercise.statement["criteria"]["digest"]
    command = ("verify", folder / "new.json", "--trust", folder / "trust.json", *AT)
    assert run(*command) == 1
    assert "REVISION_NOT_RELEASED" in capsys.readouterr().out
    assert run(*command, "--revision", "sha256:" + "0" * 64) == 1
    assert run(*command, "--revision", "sha256:" + "0" * 64, "--revision", digest) == 0
    assert digest in capsys.readouterr().out
    assert run(*command, "--revision", "criteria@2") == 64
