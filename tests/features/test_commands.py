"""The operator's commands as processes: what they print, and what production refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import Settings
from attestations.trust import parse
from tests.databases import TestDatabase

ROOT = Path(__file__).parents[2]
MISCONFIGURED = 78


@pytest.fixture
def environment(database: TestDatabase, tmp_path: Path) -> dict[str, str]:
    """Return the environment of an installation in development, on a database of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ENDUSE_")}
    return {**clean, "ENDUSE_DATABASE_URL": database.app_url, "ENDUSE_DATA_FOLDER": str(tmp_path / "data")}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `enduse` with arguments."""
    command = [sys.executable, "-P", "-m", "api", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)


def production(environment: dict[str, str]) -> dict[str, str]:
    """Return the same installation in production."""
    address = {"ENDUSE_BASE_URL": "https://enduse.example", "ENDUSE_ENVIRONMENT": "production"}
    return {**environment, **address}


def test_an_operator_is_made_with_a_client(environment: dict[str, str]) -> None:
    made = run(environment, "operator", "Operator Ltd")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout).keys() == {"organisation", "client_id", "client_secret"}
    assert json.loads(made.stdout)["client_secret"] not in made.stderr


def test_keys_are_made_once_in_development(environment: dict[str, str]) -> None:
    first, second = run(environment, "keys"), run(environment, "keys")
    assert first.stdout == second.stdout
    assert "DEVELOPMENT KEYS" in first.stderr
    assert len(parse(first.stdout.encode()).signers) == 1
    assert "PRIVATE" not in first.stdout + first.stderr
    keys = list((Path(environment["ENDUSE_DATA_FOLDER"]) / "keys").glob("*-key.pem"))
    assert {file.stat().st_mode & 0o777 for file in keys} == {0o600}


def test_a_rotation_makes_one_more_key_of_access_tokens_and_no_other(environment: dict[str, str]) -> None:
    before = run(environment, "keys")
    after = run(environment, "keys", "--rotate")
    folder = Path(environment["ENDUSE_DATA_FOLDER"]) / "keys"
    assert (after.returncode, after.stdout) == (0, before.stdout)
    assert "token-0002.pem" in after.stderr
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.glob("token-*")} == {
        "token-0001.pem": 0o600, "token-0002.pem": 0o600,
    }  # fmt: skip


def test_a_signer_is_rotated_and_revoked_and_a_wrong_use_is_told(environment: dict[str, str]) -> None:
    old = next(iter(parse(run(environment, "keys").stdout.encode()).signers))
    rotated = parse(run(environment, "keys", "--rotate", "signer").stdout.encode())
    assert [keyid == old for keyid in rotated.signers] == [True, False]
    moment = ("--at", "2026-11-20T00:00:00Z")
    revoked = run(environment, "keys", "--revoke", old, "--reason", "The disk was lost.", *moment)
    window = parse(revoked.stdout.encode()).window_of(old)
    assert (window.reason, str(window.revoked_at)) == ("The disk was lost.", "2026-11-20 00:00:00+00:00")
    unknown = run(environment, "keys", "--revoke", next(iter(rotated.list_keys)), "--reason", "X")
    assert (unknown.returncode, "no old key" in unknown.stderr) == (MISCONFIGURED, True)
    assert run(environment, "keys", "--revoke", old).returncode == 2
    assert run(environment, "keys", "--revoke", old, "--reason", "X", "--at", "soon").returncode == 2


def test_production_makes_no_key_that_signs_attestations(environment: dict[str, str]) -> None:
    refused = run(production(environment), "serve", "--port", "0")
    assert refused.returncode == MISCONFIGURED
    assert "signer-key.pem" in refused.stderr
    assert not (Path(environment["ENDUSE_DATA_FOLDER"]) / "keys" / "signer-key.pem").exists()


def test_production_names_every_insecure_setting_at_once(environment: dict[str, str]) -> None:
    unset = {name: value for name, value in environment.items() if name != "ENDUSE_DATABASE_URL"}
    refused = run({**unset, "ENDUSE_ENVIRONMENT": "production", "ENDUSE_DATA_FOLDER": "data"}, "serve")
    assert refused.returncode == MISCONFIGURED
    for name in ("ENDUSE_DATABASE_URL", "ENDUSE_BASE_URL", "ENDUSE_ISSUER", "ENDUSE_DATA_FOLDER"):
        assert name in refused.stderr


def test_a_database_of_another_revision_is_told(environment: dict[str, str], database: TestDatabase) -> None:
    import psycopg

    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("update alembic_version set version_num = '0001'")
    for command in (["serve"], ["operator", "X"]):
        refused = run(environment, *command)
        assert refused.returncode == MISCONFIGURED
        assert "enduse migrate" in refused.stderr
    assert "enduse migrate" in run(environment, "doctor").stdout


def test_a_healthy_database_has_no_finding(environment: dict[str, str]) -> None:
    assert "nothing is wrong" in run({**production(environment)}, "doctor").stdout


def test_the_committed_description_fits(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(environment, "openapi", "--check").returncode == 0


def test_the_operations_guide_lists_every_setting_with_its_default() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `ENDUSE_([A-Z0-9_]+)` \| ([^|]+) \|", text, re.MULTILINE))
    assert rows == {
        name.upper(): "the base address" if name == "issuer" else "none" if f.default is None else f"`{f.default}`"
        for name, f in Settings.model_fields.items()
    }
