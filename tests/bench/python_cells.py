"""Python cells next to plain ipykernel."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench_kernel import WARM_UP, Kernel, kernel, start_to_results
from figures import Effort, Figure, Results, in_turns

OURS = "ferrobook"
PEER = "python3"
PEER_NAME = "ipykernel"

DISPLAYS = """
from IPython.display import display
for number in range({count}):
    display(number)
"""

LIMIT = (
    "each message goes through one more process; of that, Node works for 0.6 ms a cell, half of it in ZeroMQ's sends, and "
    "the rest is the system's switching between processes and threads"
)

STDOUT = """
import sys
block = ("x" * 99 + "\\n") * 10_000
for _ in range({megabytes}):
    sys.stdout.write(block)
"""


def start(effort: Effort) -> Results:
    """Start to first result."""
    ours, peer = in_turns(
        effort.rounds(8),
        lambda _: start_to_results(OURS, "1+1")[0],
        lambda _: start_to_results(PEER, "1+1")[0],
    )
    difference = statistics.median(ours) - statistics.median(peer)
    note = f"{difference:+.0f} ms; the target is +300 ms at most"
    target = (statistics.median(peer) + 300) / statistics.median(peer)
    figure = Figure(
        "Python: start to first result", PEER_NAME, ours, peer, round(target, 2), note=note
    )
    return Results([figure])


def cells(effort: Effort) -> Results:
    """Round trips, in kernels that are warm."""
    count, megabytes = (4_000, 20) if effort.quick else (20_000, 100)
    displays, stdout = DISPLAYS.format(count=count), STDOUT.format(megabytes=megabytes)
    kinds = [
        ("Python: `1+1`", 1.3, "1+1", effort.rounds(400)),
        (f"Python: {count:,} displays", 1.1, displays, effort.rounds(6)),
        (f"Python: {megabytes} MB on stdout", 1.1, stdout, effort.rounds(6)),
    ]
    with kernel(OURS) as ours, kernel(PEER) as peer:
        # What ours does for Rust cells after its start would fall on both.
        ours.run("%%rust\n()")
        time.sleep(WARM_UP)
        for running in (ours, peer):
            for _ in range(30):
                running.run("1+1")
        results = Results()
        for name, target, code, rounds in kinds:
            samples = in_turns(rounds, on(ours, code), on(peer, code))
            results.figures.append(Figure(name, PEER_NAME, *samples, target, limit=LIMIT))
        return results


def on(running: Kernel, code: str) -> Callable[[int], float]:
    """Measures a cell."""
    return lambda _: running.run(code)
