"""The commands for what an auditor keeps: a log's head, and the trust list.

Invariants: nothing is fetched and nothing written; what differs is named, so that a person decides. Exit 0: what was
found may take the place of what was kept; 2: that is not proven; 64: used wrongly; 70: a failure of the program.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from attestations.running import Parser, UsageError, read_file, run
from attestations.text import plain

PROVEN, NOT_PROVEN = 0, 2


def log(argv: Sequence[str]) -> int:
    """Compare a head of the log that was kept with one found later."""
    parser = Parser(prog="enduse log", description="Compare a head of the log with one found later.")
    parser.add_argument("what", choices=["compare"])
    parser.add_argument("kept", type=Path, help="the checkpoint that you kept")
    parser.add_argument("found", type=Path, help="the checkpoint found later (/log/checkpoint)")
    parser.add_argument("--proof", type=Path, help="what /log/proofs/consistency?old=&new= gave, where sizes differ")
    parser.add_argument("--trust", type=Path, required=True, help="trust.json, which names the log")
    return run(parser, argv, _compare_heads)


def trust(argv: Sequence[str]) -> int:
    """Compare the trust list that was pinned with a newer one."""
    parser = Parser(prog="enduse trust", description="Compare your trust list with a newer one.")
    parser.add_argument("what", choices=["compare"])
    parser.add_argument("kept", type=Path, help="the trust.json that you pinned")
    parser.add_argument("found", type=Path, help="the newer one (/v1/trust.json)")
    return run(parser, argv, _compare_lists)


def _compare_heads(options: argparse.Namespace) -> tuple[str, int]:
    from attestations.transparency.growth import MAX_PROOF, find_flaw, read_head, read_proof
    from attestations.transparency.notes import MAX_NOTE, NoteError
    from attestations.trust import MAX_TRUST, parse

    try:
        logs = parse(read_file(options.trust, MAX_TRUST)).logs
        proof = None if options.proof is None else read_proof(read_file(options.proof, MAX_PROOF))
    except ValueError as error:
        raise UsageError(str(error)) from error
    lines, heads = [], []
    for name in ("kept", "found"):
        try:
            head = read_head(read_file(getattr(options, name), MAX_NOTE), logs)
        except NoteError as error:
            return f"NOT PROVEN: {name}: {error}\n", NOT_PROVEN
        heads.append(head)
        lines.append(f"{name + ':':<6} {head.size} entries, root {head.root.hex()}, of {plain(head.origin)}\n")
    flaw = find_flaw(heads[0], heads[1], proof)
    verdict = "CONSISTENT: the log only grew" if flaw is None else f"NOT PROVEN: {flaw}"
    return "".join([*lines, verdict, "\n"]), PROVEN if flaw is None else NOT_PROVEN


def _compare_lists(options: argparse.Namespace) -> tuple[str, int]:
    from attestations.trust import MAX_TRUST, TrustError, parse
    from attestations.trust_changes import name_changes
    from attestations.trust_list import succeed

    try:
        kept = parse(read_file(options.kept, MAX_TRUST))
    except TrustError as error:
        raise UsageError(*(f"kept: {problem}" for problem in error.problems)) from error
    data, lines = read_file(options.found, MAX_TRUST), []
    try:
        found = parse(data)
        lines = [f"version {kept.version} -> {found.version}", *name_changes(kept, found)]
        succeed(kept, data)
    except TrustError as error:
        verdict, code = [f"MAY NOT TAKE ITS PLACE: {problem}" for problem in error.problems], NOT_PROVEN
    else:
        verdict, code = ["MAY TAKE ITS PLACE: a key that your list names has signed it"], PROVEN
    return "".join(f"{plain(line)}\n" for line in [*lines, *verdict]), code
