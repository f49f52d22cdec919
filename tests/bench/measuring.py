"""Measuring and printing: a figure beside its budget. Nothing here fails: a bench tells, it does not judge a machine.

Invariant: a ratio is of two measurements of the same run, taken in turns, each the best of many, so that a busy machine
blurs both alike.
"""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

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


class Spread(NamedTuple):
    """The quartiles of something measured many times."""

    low: float
    median: float
    high: float


def alternate(
    first: Callable[[], Any], second: Callable[[], Any], turns: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[Spread, Spread, Spread]:
    """Run two things in turns (A B, B A, A B, ...); return what the clock says of each, and their ratio turn by turn.

    A ratio within one turn is of two neighbours in time, so that a machine that gets busier blurs both alike.
    """
    gc.collect()
    gc.disable()
    try:
        pairs = [_pair(first, second, turn, clock) for turn in range(turns)]
    finally:
        gc.enable()
    one, other = ([pair[which] for pair in pairs] for which in (0, 1))
    return _quartiles(one), _quartiles(other), _quartiles([a / b for a, b in pairs])


def _pair(
    first: Callable[[], Any], second: Callable[[], Any], turn: int, clock: Callable[[], float]
) -> tuple[float, float]:
    if turn % 2 == 0:
        return _timed(first, clock), _timed(second, clock)
    after = _timed(second, clock)
    return _timed(first, clock), after


def _timed(run: Callable[[], Any], clock: Callable[[], float]) -> float:
    begun = clock()
    run()
    return clock() - begun


def _quartiles(values: list[float]) -> Spread:
    return Spread(*statistics.quantiles(values, n=4))


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


def clock_of(*processes: int, own: Callable[[], float] = time.thread_time) -> Callable[[], float]:
    """Return a clock of the CPU that this thread (or process) and other processes have used, in seconds.

    On one core of an idle machine that is the time on the wall; on a busy one it still is. Without Linux: the wall's.
    """
    sources = [Path(f"/proc/{process}/schedstat") for process in processes]
    if not all(source.exists() for source in sources):
        return time.perf_counter
    return lambda: own() + sum(int(source.read_text().split()[0]) for source in sources) / 1e9


def show_spread(what: str, ratio: Spread, most: float) -> None:
    """Print one row whose median may be so much at most, with its quartiles."""
    figure = f"{ratio.median:.2f} x ({ratio.low:.2f}-{ratio.high:.2f})"
    show(what, figure, f"at most {most:g} x", ratio.median <= most)


def _cpu(run: Callable[[], Any]) -> float:
    begun = time.thread_time()
    run()
    return (time.thread_time() - begun) * 1000


def _wall(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1000
