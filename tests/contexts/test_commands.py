"""The operator's commands load what is whole, tell every mistake, and change nothing otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contexts.test_contexts import folder
from tests.databases import TestDatabase

__all__ = ["folder"]  # the fixture

LIST = "name,alias,list,date,record\nTarn Optics,,XX_A,2026-11-01,1\n"
TOLD = ("--publisher", "Nobody", "--licence", "CC0")


def enduse(database: TestDatabase, *arguments: str, owner: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ENDUSE_DATABASE_URL": database.app_url}
    if owner:
        environment["ENDUSE_OWNER_DATABASE_URL"] = database.owner_url
    program = "import sys; from attestations.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def test_a_list_is_loaded_and_listed_with_its_date(database: TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    loaded = enduse(database, "lists", "load", str(file), *TOLD)
    assert (loaded.returncode, loaded.stdout[:38]) == (0, "XX_A of 2026-11-01: 1 records, sha256:")
    assert "XX_A of 2026-11-01: XX_A, 1 records" in enduse(database, "lists", "list").stdout


@pytest.mark.parametrize("owner", [True, False])
def test_a_mistake_or_a_missing_right_changes_nothing(database: TestDatabase, tmp_path: Path, *, owner: bool) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST + ("X,,XX_A,,2\n" if owner else ""), encoding="utf-8")
    refused = enduse(database, "lists", "load", str(file), *TOLD, owner=owner)
    assert refused.returncode == (65 if owner else 78)
    assert ("line 3: date is missing" if owner else "ENDUSE_OWNER_DATABASE_URL") in refused.stderr
    assert enduse(database, "lists", "list").stdout == ""


def test_a_snapshot_is_loaded_and_its_digest_printed(database: TestDatabase, folder: Path) -> None:
    loaded = enduse(database, "contexts", "load", str(folder))
    assert (loaded.returncode, loaded.stdout[:24]) == (0, "exercise@2026-12 sha256:")
    assert enduse(database, "contexts", "load", str(folder)).stdout == loaded.stdout.strip() + " (known before)\n"
    (folder / "index.csv").write_text("code,name,rank\nQQ,Nowhere,5\nXA,A,\nXA,A,101\n", encoding="utf-8")
    refused = enduse(database, "contexts", "load", str(folder))
    assert refused.returncode == 65
    assert [line.partition(": ")[0] for line in refused.stderr.splitlines() if "csv" in line] == [
        "index.csv", "index.csv:2", "index.csv:4",
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_told(database: TestDatabase, tmp_path: Path) -> None:
    refused = enduse(database, "contexts", "load", str(tmp_path / "nowhere"))
    assert (refused.returncode, "No such file" in refused.stderr) == (78, True)
