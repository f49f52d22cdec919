"""The shape of the house: what files are called, how long they are, and that each says what it is for."""

import ast
from pathlib import Path

LONGEST_FILE = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def test_no_module_has_a_name_that_says_nothing(modules: dict[str, ast.Module]) -> None:
    assert [path for path in modules if VAGUE & {part.strip("_") for part in Path(path).with_suffix("").parts}] == []


def test_every_file_is_short_enough_to_read(modules: dict[str, ast.Module], root: Path) -> None:
    lines = {path: len((root / path).read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_every_module_says_what_it_is_for(product: dict[str, ast.Module]) -> None:
    assert [path for path, tree in product.items() if not ast.get_docstring(tree)] == []


def test_every_folder_of_the_product_is_a_package_that_says_what_it_is_for(product: dict[str, ast.Module]) -> None:
    folders = {str(Path(path).parent) for path in product} - {"migrations/versions"}
    assert [folder for folder in sorted(folders) if f"{folder}/__init__.py" not in product] == []


def test_the_scripts_are_executable_posix_shell(root: Path) -> None:
    scripts = sorted((root / "scripts").iterdir())
    assert {"setup", "demo", "test", "check", "bench", "serve"} <= {script.name for script in scripts}
    for script in scripts:
        assert script.stat().st_mode & 0o111, script
        assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n"), script
