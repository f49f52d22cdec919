"""Measuring and printing: a figure beside its budget. Nothing here fails: a bench tells, it does not judge a machine.

Invariant: a ratio is of two measurements of the same run, taken in turns, each the best of many, so that a busy machine
blurs both alike.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROW = "{:<62} {:>16}   {:<24} {}"


def best_of(run: Callable[[], Any], rounds: int) -> float:
    """Return the shortest of several runs, in milliseconds of this thread's CPU."""
    return min(_cpu(run) for _ in range(rounds))


def in_turns(first: Callable[[], Any], second: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the shortest runs of two things, run in turns, in milliseconds of the clock on the wall."""
    gc.collect()
    gc.disable()  # it would strike the same of the two in every turn
    try:
        pairs = [(_wall(first), _wall(second)) for _ in range(rounds)]
    finally:
        gc.enable()
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def cpu_of(process: int) -> float:
    """Return the CPU that a process has used, in milliseconds (Linux: resolution of 10)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 10.0


def peak_memory(process: int) -> int:
    """Return the most memory that a process has held, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def show(what: str, figure: str, budget: str, kept: bool | None) -> None:
    """Print one row."""
    print(ROW.format(what, figure, budget, {True: "kept", False: "NOT KEPT", None: ""}[kept]), flush=True)


def show_most(what: str, value: float, most: float, unit: str) -> None:
    """Print one row whose value may be so much at most."""
    show(what, f"{value:.2f} {unit}", f"at most {most:g} {unit}", value <= most)


def _cpu(run: Callable[[], Any]) -> float:
    begun = time.thread_time()
    run()
    return (time.thread_time() - begun) * 1000


def _wall(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000
