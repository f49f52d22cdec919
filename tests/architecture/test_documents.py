"""What the documents point at exists: commands, files, decision records."""

import re
from pathlib import Path

import pytest

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
COMMAND = re.compile(r"(?<![\w./-])(?:scripts|\.ci)/[a-z]+\b(?![./])")


def documents(root: Path) -> list[Path]:
    """Return every Markdown file that people read."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def test_every_relative_link_leads_to_a_file(root: Path) -> None:
    links = {(file, target) for file in documents(root) for target in LINK.findall(file.read_text(encoding="utf-8"))}
    assert links
    assert [
        f"{file.relative_to(root)}: {target}" for file, target in links if not (file.parent / target).exists()
    ] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"])
def test_the_documents_that_people_look_for_are_there(name: str, root: Path) -> None:
    assert (root / name).stat().st_size > 0


def test_every_command_that_a_document_names_can_be_run(root: Path) -> None:
    commands = {name for file in documents(root) for name in COMMAND.findall(file.read_text(encoding="utf-8"))}
    assert {"scripts/demo", "scripts/serve"} <= commands
    assert [name for name in sorted(commands) if not (root / name).stat().st_mode & 0o111] == []


def test_every_decision_is_linked_in_the_index(root: Path) -> None:
    folder = root / "docs" / "adr"
    records = {file.name for file in folder.glob("[0-9]*.md")}
    assert records
    assert set(LINK.findall((folder / "README.md").read_text(encoding="utf-8"))) == records


def test_every_decision_names_its_state_and_its_parts(root: Path) -> None:
    for file in (root / "docs" / "adr").glob("[0-9]*.md"):
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(file.name[:4])}. "), file.name
        parts = [line for line in text.splitlines() if line.startswith("## ")]
        assert parts == ["## Context", "## Options", "## Decision", "## Consequences"], file.name
        assert re.search(r"^Status: (accepted|superseded by \d+), \d{4}-\d{2}-\d{2}$", text, re.MULTILINE), file.name


def test_every_test_that_the_threat_model_names_exists(root: Path) -> None:
    named = re.findall(r"`(tests/[^`]+)`", (root / "docs" / "threat-model.md").read_text(encoding="utf-8"))
    assert len(named) >= 25
    for name in named:
        file, _, function = name.partition("::")
        assert (root / file).exists(), name
        assert not function or f"def {function}(" in (root / file).read_text(encoding="utf-8"), name
