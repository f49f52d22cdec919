"""`enduse questionnaires render`: an empty questionnaire as a printable PDF.

Invariant: exit codes as those of the other subcommands: 0, 64 for a wrong use, 70 for a failure of our own.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from api.attesting.questionnaire.rendering import render as draw
from attestations.questionnaire_commands import NAMED, find_questionnaire
from attestations.running import Parser, UsageError, run


def render(argv: Sequence[str]) -> int:
    """Write the PDF of an empty questionnaire to a file; return 0, 64 or 70."""
    parser = Parser(prog="enduse questionnaires render", description="Write an empty questionnaire as printable PDF.")
    parser.add_argument("name", metavar="NAME", help=NAMED)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the PDF to write")
    parser.add_argument("--json", action="store_true", help="say as JSON what was written")
    return run(parser, argv, _render)


def _render(arguments: argparse.Namespace) -> tuple[str, int]:
    questionnaire = find_questionnaire(arguments.name)
    target: Path = arguments.output
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent}: no such folder")
    pdf = draw(questionnaire)
    try:
        target.write_bytes(pdf)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror or 'cannot be written'}") from error
    if arguments.json:
        import json

        return json.dumps({"file": str(target), "bytes": len(pdf)}) + "\n", 0
    return f"{target}: {len(questionnaire.questions)} questions, {len(pdf)} bytes\n", 0
