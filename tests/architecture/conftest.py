"""The files that the house rules speak about, each parsed once."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("questionnaires", "attestations", "api", "migrations")
PYTHON = (*PRODUCT, "tests", "demo")
RESULTS = ROOT / "demo" / "out"
"""What the demo makes; not ours to judge."""


@cache
def _parsed() -> dict[str, ast.Module]:
    found = (file for folder in PYTHON for file in (ROOT / folder).rglob("*.py"))
    files = sorted(file for file in found if RESULTS not in file.parents)
    return {str(file.relative_to(ROOT)): ast.parse(file.read_bytes()) for file in files}


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """Return every Python file of the project, by its path from the root."""
    return _parsed()


@pytest.fixture(scope="session")
def product(modules: dict[str, ast.Module]) -> dict[str, ast.Module]:
    """Return the Python files that are installed."""
    return {path: tree for path, tree in modules.items() if path.startswith(PRODUCT)}
