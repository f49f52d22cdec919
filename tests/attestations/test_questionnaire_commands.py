"""`enduse questionnaires`: names, exit codes, text and JSON, and what the base install can do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from attestations import cli
from attestations.questionnaire_commands import COMMANDS, MAX_DEFINITION
from questionnaires import library
from questionnaires.definition import Questionnaire
from questionnaires.revisions import revision_digest
from questionnaires.schema import published_schema

HERE = Path(__file__).parents[1] / "questionnaires"
FIRST = Path(library.__file__).parent / "questionnaires" / "surveillance-hrdd-1.yaml"
SMALLEST = HERE / "sound" / "smallest.yaml"


def run(*arguments: object) -> int:
    return cli.main(["questionnaires", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def first() -> Questionnaire:
    found = library.find(library.questionnaires(), "surveillance-hrdd@1")
    assert found is not None
    return found


def test_help_names_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in COMMANDS)
    assert run() == 64
    assert run("dance") == 64
    assert capsys.readouterr().err == "enduse questionnaires: no such command; see enduse questionnaires --help\n"


def test_list_names_what_is_shipped(first: Questionnaire, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    said = capsys.readouterr().out
    assert "surveillance-hrdd@1: Human rights due diligence of surveillance technology (60 questions)\n" in said
    assert revision_digest(first) in said
    assert run("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["digest"] for row in rows} == {*library.questionnaires(), *library.criteria()}


@pytest.mark.parametrize(
    ("file", "code", "last"),
    [
        (SMALLEST, 0, "errors: 0, warnings: 0"),
        (HERE / "broken" / "leading.yaml", 1, "errors: 0, warnings: 1"),
        (HERE / "broken" / "circle.yaml", 2, "errors: 1, warnings: 0"),
        (HERE / "broken" / "not_yaml.yaml", 2, "errors: 1, warnings: 0"),
    ],
)
def test_lint_ends_as_the_gravest_finding(file: Path, code: int, last: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lint", file) == code
    assert capsys.readouterr().out.splitlines()[-1] == last
    assert run("lint", file, "--json") == code
    findings = json.loads(capsys.readouterr().out)
    assert all(set(found) == {"code", "severity", "pointer", "line", "problem", "mend"} for found in findings)
    assert len(findings) == sum(int(word.strip(",")) for word in last.split() if word.strip(",").isdigit())


def test_lint_says_the_line_the_problem_and_the_mend(capsys: pytest.CaptureFixture[str]) -> None:
    file = HERE / "broken" / "circle.yaml"
    run("lint", file)
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first == f"{file}:17: error circle: questions hang on each other in a circle: GOV-01, GOV-02"
    assert second == "    /sections/0/questions/0/asked_when: Take one of their conditions away."


def test_lint_reads_criteria_by_name_and_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("lint", "surveillance-hrdd@1", "--criteria", "surveillance-hrdd-criteria@1", "--json") == 1
    by_name = json.loads(capsys.readouterr().out)
    shipped = Path(library.__file__).parent / "criteria" / "surveillance-hrdd-1.yaml"
    file = tmp_path / "criteria.yaml"
    file.write_bytes(shipped.read_bytes())
    assert run("lint", FIRST, "--criteria", file, "--json") == 1
    from_file = json.loads(capsys.readouterr().out)
    assert [{**found, "line": None} for found in from_file] == by_name
    assert "choices-alike" in {found["code"] for found in by_name}


def test_lint_finds_what_a_translation_misses(
    first: Questionnaire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    translation = {
        "questionnaire": revision_digest(first), "language": "de",
        "texts": {
            "/title": {"source": first.title, "text": "Sorgfalt bei Überwachungstechnik"},
            "/introduction": {"source": "Older words.", "text": "Alte Worte."},
            "/sections/99/title": {"source": "Nowhere", "text": "Nirgends"},
        },
    }  # fmt: skip
    file = tmp_path / "de.json"
    file.write_text(json.dumps(translation), encoding="utf-8")
    assert run("lint", "surveillance-hrdd@1", "--translation", file, "--json") == 2
    found = {(f["code"], f["pointer"]) for f in json.loads(capsys.readouterr().out)}
    assert ("translation-stale", "/introduction") in found
    assert ("translation-unknown", "/sections/99/title") in found
    assert ("translation-missing", "/sections/0/title") in found
    assert not {code for code, pointer in found if pointer == "/title"}
    assert run("lint", SMALLEST, "--translation", file, "--json") == 2
    assert "translation-of-another" in {f["code"] for f in json.loads(capsys.readouterr().out)}


def test_schema_prints_what_is_published(first: Questionnaire, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("surveillance-hrdd@1", revision_digest(first), FIRST):
        assert run("schema", name) == 0
        assert json.loads(capsys.readouterr().out) == published_schema(first)


def test_diff_says_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(SMALLEST.read_text(encoding="utf-8").replace("the last year", "this year"), encoding="utf-8")
    assert run("diff", SMALLEST, SMALLEST) == 0
    assert capsys.readouterr().out == "nothing differs\n"
    assert run("diff", SMALLEST, other) == 1
    said = 'GOV-01 help: reworded, from "Speak of the last year." to "Speak of this year.".\n'
    assert capsys.readouterr().out == said
    assert run("diff", SMALLEST, other, "--json") == 1
    (change,) = json.loads(capsys.readouterr().out)
    assert change["question"] == "GOV-01"
    assert change["words"] + "\n" == said


def test_render_writes_the_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "print.pdf"
    assert run("render", SMALLEST, "-o", target) == 0
    assert target.read_bytes().startswith(b"%PDF-")
    assert capsys.readouterr().out == f"{target}: 1 questions, {target.stat().st_size} bytes\n"
    assert run("render", SMALLEST, "-o", target, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(target), "bytes": target.stat().st_size}
    assert run("render", SMALLEST, "-o", tmp_path / "nowhere" / "print.pdf") == 64


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint",), ("lint", "no-such"), ("lint", "/no/such.yaml"), ("lint", HERE), ("schema", "no-such"),
        ("schema", HERE / "broken" / "circle.yaml"), ("schema", HERE / "broken" / "duplicate_key.yaml"),
        ("diff", SMALLEST), ("diff", SMALLEST, "no-such@3"), ("lint", SMALLEST, "--criteria", "no-such"),
        ("lint", SMALLEST, "--criteria", SMALLEST), ("lint", SMALLEST, "--translation", SMALLEST),
        ("render", SMALLEST), ("list", "--yaml"),
    ],
)  # fmt: skip
def test_a_wrong_use_ends_in_64_with_a_line_per_problem(
    arguments: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 64
    said = capsys.readouterr()
    assert said.out == ""
    assert all(line.startswith(f"enduse questionnaires {arguments[0]}: ") for line in said.err.splitlines())
    assert said.err


def test_a_file_that_is_too_large_or_no_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_DEFINITION + 1))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert run("lint", tmp_path / "large.yaml") == 64
    assert "larger than" in capsys.readouterr().err
    assert run("lint", tmp_path / "binary.yaml") == 64
    assert "not UTF-8" in capsys.readouterr().err


def test_the_base_install_does_all_but_render() -> None:
    """Without the server's packages the print is refused in one line, and the rest works."""
    script = (
        "import sys\n"
        "for name in ('jinja2', 'weasyprint', 'fastapi', 'sqlalchemy'): sys.modules[name] = None\n"
        "from attestations.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    def code(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-c", script, "questionnaires", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert code("lint", str(SMALLEST)) == (0, "")
    assert code("diff", str(SMALLEST), str(SMALLEST)) == (0, "")
    assert code("render", str(SMALLEST), "-o", "print.pdf") == (
        3, "enduse questionnaires render: install enduse[server] (missing: jinja2)\n",
    )  # fmt: skip
