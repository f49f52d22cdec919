"""The commands for what an auditor keeps: a log's head, and the trust list.

Invariants: nothing is fetched and nothing written; what is compared is named, so that the person decides. Exit 0: what
was found may take the place of what was kept; 2: it may not; 64: used wrongly.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from attestations.text import plain
from attestations.transparency.growth import find_flaw, read_head, read_proof
from attestations.transparency.notes import NoteError
from attestations.trust import TrustError, parse
from attestations.trust_changes import name_changes
from attestations.trust_list import succeed

FITS, FITS_NOT, USAGE_ERROR = 0, 2, 64


def log(argv: Sequence[str]) -> int:
    """Run `enduse log compare KEPT FOUND --trust FILE [--proof FILE]`."""
    parser = argparse.ArgumentParser("enduse log", description="Compare a head of the log with one found later.")
    parser.add_argument("what", choices=["compare"])
    parser.add_argument("kept", type=Path, help="the checkpoint that you kept")
    parser.add_argument("found", type=Path, help="the checkpoint found later (/log/checkpoint)")
    parser.add_argument("--proof", type=Path, help="what /log/proofs/consistency?old=&new= gave, where they differ")
    parser.add_argument("--trust", type=Path, required=True, help="trust.json, which names the log")
    return _run(parser, argv, _compare_heads)


def trust(argv: Sequence[str]) -> int:
    """Run `enduse trust compare KEPT FOUND`."""
    parser = argparse.ArgumentParser("enduse trust", description="Compare your trust list with a newer one.")
    parser.add_argument("what", choices=["compare"])
    parser.add_argument("kept", type=Path, help="the trust.json that you pinned")
    parser.add_argument("found", type=Path, help="the newer one (/v1/trust.json)")
    return _run(parser, argv, _compare_lists)


def _run(
    parser: argparse.ArgumentParser, argv: Sequence[str], compare: Callable[[argparse.Namespace], str | None]
) -> int:
    try:
        flaw = compare(parser.parse_args(argv))
    except SystemExit as stop:
        return USAGE_ERROR if stop.code else FITS
    except OSError as error:
        print(f"{parser.prog}: {error.strerror}", file=sys.stderr)
        return USAGE_ERROR
    except ValueError as error:  # nothing here repeats what a file holds
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return USAGE_ERROR
    return FITS if flaw is None else FITS_NOT


def _compare_heads(options: argparse.Namespace) -> str | None:
    logs = parse(options.trust.read_bytes()).logs
    proof = None if options.proof is None else read_proof(options.proof.read_bytes())
    heads = []
    for name in ("kept", "found"):
        try:
            head = read_head(getattr(options, name).read_bytes(), logs)
        except NoteError as error:
            print(f"NOT PROVEN: {name}: {error}")
            return str(error)
        heads.append(head)
        print(f"{name + ':':<6} {head.size} entries, root {head.root.hex()}, of {plain(head.origin)}")
    flaw = find_flaw(heads[0], heads[1], proof)
    print("CONSISTENT: the log only grew" if flaw is None else f"NOT PROVEN: {flaw}")
    return flaw


def _compare_lists(options: argparse.Namespace) -> str | None:
    kept, data = parse(options.kept.read_bytes()), options.found.read_bytes()
    try:
        found = parse(data)
        print(f"version {kept.version} -> {found.version}")
        for change in name_changes(kept, found):
            print(plain(change))
        succeed(kept, data)
    except TrustError as error:
        print(f"MAY NOT TAKE ITS PLACE: {error}")
        return str(error)
    print("MAY TAKE ITS PLACE: a key that your list names has signed it")
    return None
