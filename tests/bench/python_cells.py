"""Python cells next to plain ipykernel."""

from __future__ import annotations

import statistics

from bench_kernel import kernel, start_to_first
from figures import Effort, Figure, Results, in_turns

OURS = "ferrobook"
PEER = "python3"
PEER_NAME = "ipykernel"

DISPLAYS = """
from IPython.display import display
for number in range(20_000):
    display(number)
"""

STDOUT = """
import sys
block = ("x" * 99 + "\\n") * 10_000
for _ in range(100):
    sys.stdout.write(block)
"""


def start(effort: Effort) -> Results:
    """Start to first result."""
    ours, peer = in_turns(
        effort.rounds(8),
        lambda _: start_to_first(OURS, "1+1"),
        lambda _: start_to_first(PEER, "1+1"),
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
    return Results(
        [
            round_trip("Python: `1+1`", 1.3, "1+1", effort.rounds(200)),
            round_trip("Python: 20,000 displays", 1.1, DISPLAYS, effort.rounds(6)),
            round_trip("Python: 100 MB on stdout", 1.1, STDOUT, effort.rounds(6)),
        ]
    )


def round_trip(name: str, target: float, code: str, rounds: int) -> Figure:
    """One kind of cell, in turns in both kernels."""
    with kernel(OURS) as ours, kernel(PEER) as peer:
        for running in (ours, peer):
            for _ in range(3):
                running.run("1+1")
        samples = in_turns(rounds, lambda _: ours.run(code), lambda _: peer.run(code))
        return Figure(name, PEER_NAME, *samples, target)
