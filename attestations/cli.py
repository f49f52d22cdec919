"""The command `enduse`: a table of subcommands, each loaded only when it is called.

Invariants: nothing heavy is imported here, so help and verification start fast and the base install needs no server;
a subcommand is a function that takes its arguments and returns an exit code. Exit 64: used wrongly; 3: not installed;
70: a failure of the program itself.
"""

import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

USAGE_ERROR = 64
INTERNAL_ERROR = 70
NOT_INSTALLED = 3


class Command(NamedTuple):
    """Where a subcommand lives (`module:function`), what it does, and whether it needs the server's packages."""

    target: str
    summary: str
    needs_server: bool = True


COMMANDS = {
    "verify": Command("attestations.commands:verify", "verify an attestation, offline", needs_server=False),
    "score": Command("attestations.commands:score", "score a file of criterion values", needs_server=False),
    "audit": Command("attestations.audit_log:audit", "verify an exported audit log", needs_server=False),
    "log": Command("attestations.keeping_commands:log", "compare two heads of the log", needs_server=False),
    "trust": Command(
        "attestations.keeping_commands:trust", "compare your trust list with a newer one", needs_server=False
    ),
    "questionnaires": Command(
        "attestations.questionnaire_commands:questionnaires",
        "list, lint, compare and print questionnaires",
        needs_server=False,
    ),
    "serve": Command("api.cli:serve", "run the service with its workers"),
    "worker": Command("api.cli:worker", "run one worker"),
    "migrate": Command("api.cli:migrate", "bring the database to this release"),
    "operator": Command("api.cli:operator", "create an operator and print its client"),
    "keys": Command("api.cli:keys", "make missing keys and print trust.json"),
    "lists": Command("api.loading:lists", "load lists that names are compared with"),
    "contexts": Command("api.loading:contexts", "load context snapshots"),
    "openapi": Command("api.cli:openapi", "write openapi/openapi.json, or check it"),
    "doctor": Command("api.cli:doctor", "check settings, database, keys and files"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_help())
        return 0 if arguments else USAGE_ERROR
    if arguments[0] == "--version":
        from importlib.metadata import version

        print(f"enduse {version('enduse')}")
        return 0
    command = COMMANDS.get(arguments[0])
    if command is None:
        print("enduse: no such command; see enduse --help", file=sys.stderr)
        return USAGE_ERROR
    return call(command, arguments[0], arguments[1:])


def call(command: Command, name: str, arguments: Sequence[str]) -> int:
    """Load a subcommand and run it; say in one line what is missing where the server's packages are."""
    module, _, function = command.target.partition(":")
    try:
        target = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        if not command.needs_server:
            raise
        print(f"enduse {name}: install enduse[server] (missing: {error.name})", file=sys.stderr)
        return NOT_INSTALLED
    return int(target(list(arguments)))


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: enduse COMMAND [ARGUMENTS]",
            "",
            "End-use due diligence: questionnaires, exact scores, attestations that anyone can verify.",
            "",
            *lines,
            "",
            "enduse COMMAND --help explains a command; enduse --version names the release.",
        ]
    )
