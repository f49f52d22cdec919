"""The subcommands of `enduse questionnaires`: what is shipped, what is wrong with one, what differs between two.

Invariants: nothing is changed and nothing is fetched; a questionnaire is named by `id@revision`, by `id` (its newest),
by digest or by the path of a file. Exit codes: list, schema and sources 0; lint 0 without findings, 1 with warnings, 2
with an error among them; diff 0 where nothing differs, else 1; all: 64 for a wrong use, 70 for a failure of our own.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attestations.cli import USAGE_ERROR, Command, call
from attestations.running import Parser, UsageError, read_file, run
from attestations.text import plain

if TYPE_CHECKING:
    from pydantic import BaseModel

    from questionnaires.definition import Questionnaire
    from questionnaires.linting import Finding
    from questionnaires.linting.sources import Source

    Revision = TypeVar("Revision", bound=BaseModel)

MAX_DEFINITION = 4_000_000
"""Bytes of a questionnaire, criteria or translation file."""
NONE, DIFFERS, WARNINGS, ERRORS = 0, 1, 1, 2
WIDTH = 300
COMMANDS = {
    "list": Command("attestations.questionnaire_commands:list_shipped", "list what is shipped", needs_server=False),
    "lint": Command("attestations.questionnaire_commands:lint", "find what is to be mended", needs_server=False),
    "schema": Command(
        "attestations.questionnaire_commands:schema", "print the JSON Schema of answers", needs_server=False
    ),
    "sources": Command(
        "attestations.questionnaire_commands:sources", "print where the questions come from", needs_server=False
    ),
    "diff": Command("attestations.questionnaire_commands:diff", "say what differs between two", needs_server=False),
    "render": Command("api.attesting.questionnaire.command:render", "write an empty questionnaire as PDF"),
}
NAMED = "id@revision, id, digest or file"


def questionnaires(argv: Sequence[str]) -> int:
    """Run a subcommand of `enduse questionnaires` and return its exit code."""
    arguments = list(argv)
    if not arguments or arguments[0] in {"-h", "--help"}:
        lines = [f"  {name:<7} {command.summary}" for name, command in COMMANDS.items()]
        sys.stdout.write("\n".join(["usage: enduse questionnaires COMMAND [ARGUMENTS]", "", *lines, ""]))
        return 0 if arguments else USAGE_ERROR
    command = COMMANDS.get(arguments[0])
    if command is None:
        sys.stderr.write("enduse questionnaires: no such command; see enduse questionnaires --help\n")
        return USAGE_ERROR
    return call(command, f"questionnaires {arguments[0]}", arguments[1:])


def list_shipped(argv: Sequence[str]) -> int:
    """List the shipped questionnaires and criteria; return 0, 64 or 70."""
    parser = Parser(prog="enduse questionnaires list", description="List the shipped questionnaires.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return run(parser, argv, _list)


def lint(argv: Sequence[str]) -> int:
    """Lint a questionnaire; return 0 without findings, 1 with warnings, 2 with an error among them, 64 or 70."""
    parser = Parser(prog="enduse questionnaires lint", description="Find what is to be mended in a questionnaire.")
    parser.add_argument("file", metavar="FILE", help=f"questionnaire: {NAMED}")
    parser.add_argument("--criteria", action="append", default=[], metavar="FILE", help=f"criteria: {NAMED}")
    parser.add_argument("--translation", action="append", default=[], type=Path, metavar="FILE", help="a translation")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return run(parser, argv, _lint)


def schema(argv: Sequence[str]) -> int:
    """Print the JSON Schema of the answers to a questionnaire; return 0, 64 or 70."""
    parser = Parser(prog="enduse questionnaires schema", description="Print the JSON Schema (2020-12) of answers.")
    parser.add_argument("name", metavar="NAME", help=NAMED)
    parser.add_argument("--json", action="store_true", help="a schema is JSON either way")
    return run(parser, argv, _schema)


def sources(argv: Sequence[str]) -> int:
    """Print where the questions of a questionnaire come from and what they feed, as Markdown; return 0, 64 or 70."""
    parser = Parser(prog="enduse questionnaires sources", description="Print where the questions come from.")
    parser.add_argument("name", metavar="NAME", help=NAMED)
    return run(parser, argv, _sources)


def diff(argv: Sequence[str]) -> int:
    """Say what differs between two questionnaires; return 0 where nothing does, 1, 64 or 70."""
    parser = Parser(prog="enduse questionnaires diff", description="Say what differs between two questionnaires.")
    parser.add_argument("old", metavar="OLD", help=NAMED)
    parser.add_argument("new", metavar="NEW", help=NAMED)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return run(parser, argv, _diff)


def find_questionnaire(name: str) -> "Questionnaire":
    """Return the questionnaire of a name or a file; raise UsageError where there is none or it is broken."""
    from questionnaires import library

    if _is_file(name):
        return _read_questionnaire(Path(name))
    found = library.find(library.questionnaires(), name)
    if found is None:
        raise UsageError(f"no questionnaire {name!r} is shipped, and there is no such file; see questionnaires list")
    return found


def read_text(path: Path) -> str:
    """Return a definition's text; raise UsageError where it cannot be read."""
    data = read_file(path, MAX_DEFINITION)
    if len(data) > MAX_DEFINITION:
        raise UsageError(f"{path}: larger than {MAX_DEFINITION} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8") from error


def _is_file(name: str) -> bool:
    return Path(name).suffix in {".yaml", ".yml", ".json"} or "/" in name or Path(name).exists()


def _read_questionnaire(path: Path) -> "Questionnaire":
    from questionnaires.linting.refusals import read_definition

    source = _read_source(path)
    questionnaire, refused = read_definition(source.value)
    if questionnaire is None:
        raise UsageError(*(f"{path}:{source.line_of(found.pointer)}: {found.problem}" for found in refused))
    return questionnaire


def _read_source(path: Path) -> "Source":
    """Return a file's parsed text; raise UsageError where it is not YAML or has a key twice."""
    from questionnaires.linting.sources import read_source

    source = read_source(read_text(path))
    if source.findings:
        raise UsageError(*(f"{path}:{found.line or 1}: {found.problem}" for found in source.findings))
    return source


def _read_model(path: Path, model: "type[Revision]") -> "Revision":
    """Return a file's revision; raise UsageError with every place where the model refuses it."""
    from pydantic import ValidationError

    try:
        return model.model_validate(_read_source(path).value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        places = ("/".join(map(str, detail["loc"])) for detail in details)
        raise UsageError(
            *(f"{path}: {place}: {detail['msg']}" for place, detail in zip(places, details, strict=True))
        ) from error


def _list(arguments: argparse.Namespace) -> tuple[str, int]:
    from questionnaires import library

    asked = sorted(library.questionnaires().items(), key=lambda item: (item[1].id, int(item[1].revision)))
    scored = sorted(library.criteria().items(), key=lambda item: (item[1].id, int(item[1].revision)))
    rows: list[dict[str, str | int]] = [
        {"kind": "questionnaire", "name": f"{one.id}@{one.revision}", "title": one.title, "digest": digest,
         "questions": len(one.questions)}
        for digest, one in asked
    ]  # fmt: skip
    rows += [
        {"kind": "criteria", "name": f"{one.id}@{one.revision}", "title": one.title, "digest": digest}
        for digest, one in scored
    ]
    if arguments.json:
        return json.dumps(rows, indent=2) + "\n", 0
    lines = []
    for row in rows:
        counted = f" ({row['questions']} questions)" if "questions" in row else ""
        lines.append(f"{row['name']}: {row['title']}{counted}\n  {row['digest']}\n")
    return "".join(lines), 0


def _lint(arguments: argparse.Namespace) -> tuple[str, int]:
    from questionnaires import library, linting
    from questionnaires.criteria import Criteria
    from questionnaires.translations import Translation

    criteria = []
    for name in arguments.criteria:
        found = _read_model(Path(name), Criteria) if _is_file(name) else library.find(library.criteria(), name)
        if found is None:
            raise UsageError(f"no criteria revision {name!r} is shipped, and there is no such file")
        criteria.append(found)
    translations = [_read_model(path, Translation) for path in arguments.translation]
    if _is_file(arguments.file):
        findings = linting.lint_source(read_text(Path(arguments.file)), criteria, translations)
    else:
        findings = linting.lint(find_questionnaire(arguments.file), criteria, translations)
    gravest = max((ERRORS if found.severity == "error" else WARNINGS for found in findings), default=NONE)
    if arguments.json:
        return json.dumps([found._asdict() for found in findings], indent=2, ensure_ascii=False) + "\n", gravest
    return _print_findings(arguments.file, findings), gravest


def _print_findings(name: str, findings: "Sequence[Finding]") -> str:
    lines = []
    for found in findings:
        place = f"{name}:{found.line}" if found.line else name
        lines.append(f"{plain(f'{place}: {found.severity} {found.code}: {found.problem}', WIDTH)}\n")
        lines.append(f"    {plain(found.pointer, WIDTH) or '/'}: {found.mend}\n")
    errors = sum(found.severity == "error" for found in findings)
    return "".join([*lines, f"errors: {errors}, warnings: {len(findings) - errors}\n"])


def _schema(arguments: argparse.Namespace) -> tuple[str, int]:
    from questionnaires.schema import published_schema

    return json.dumps(published_schema(find_questionnaire(arguments.name)), indent=2, ensure_ascii=False) + "\n", 0


def _sources(arguments: argparse.Namespace) -> tuple[str, int]:
    from questionnaires.provenance import tell_provenance

    return tell_provenance(find_questionnaire(arguments.name)), 0


def _diff(arguments: argparse.Namespace) -> tuple[str, int]:
    from questionnaires.comparison import compare

    changes = compare(find_questionnaire(arguments.old), find_questionnaire(arguments.new))
    code = DIFFERS if changes else NONE
    if arguments.json:
        listed: list[dict[str, Any]] = [{**change._asdict(), "words": change.words} for change in changes]
        return json.dumps(listed, indent=2, ensure_ascii=False) + "\n", code
    return "".join(f"{plain(change.words, WIDTH)}\n" for change in changes) or "nothing differs\n", code
