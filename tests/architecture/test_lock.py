"""The lock follows pyproject.toml, and everything that scripts/setup may install is in it, with hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BLOCK = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)(?P<rest>.*(?:\n[ ].*)*)", re.MULTILINE)
TABLES = "enduse (pyproject.toml)"


@pytest.fixture(scope="module")
def declared(root: Path) -> list[Requirement]:
    """Return every requirement of pyproject.toml, extras included."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, re.Match[str]]:
    """Return the block of each package in requirements.lock."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    return {canonicalize_name(block["name"]): block for block in BLOCK.finditer(text)}


def test_every_declared_requirement_is_locked_at_a_version_that_it_allows(
    declared: list[Requirement], locked: dict[str, re.Match[str]]
) -> None:
    pins = {one: locked[canonicalize_name(one.name)]["version"] for one in declared}
    assert {str(one): version for one, version in pins.items() if not one.specifier.contains(version)} == {}


def test_the_lock_holds_nothing_for_a_requirement_that_is_gone(
    declared: list[Requirement], locked: dict[str, re.Match[str]]
) -> None:
    wanted = {canonicalize_name(one.name) for one in declared}
    assert {name for name, block in locked.items() if TABLES in block["rest"]} == wanted


def test_every_package_has_hashes_and_nothing_names_a_place(root: Path, locked: dict[str, re.Match[str]]) -> None:
    assert {"pydantic", "fastapi", "uv"} <= set(locked)
    assert {name for name, block in locked.items() if "--hash=sha256:" not in block["rest"]} == set()
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.findall(r"^-", text, re.MULTILINE)


def test_the_build_backend_is_locked(root: Path, locked: dict[str, re.Match[str]]) -> None:
    build = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert [line for line in build if canonicalize_name(Requirement(line).name) not in locked] == []
