"""Figures of Ferrobook next to those of its peers, taken in one run, as ratios.

``npm run bench`` runs everything; ``npm run bench -- start "1+1"`` only what is named. Each pair is measured in turns, so
that whatever else the machine does falls on both. The peer of Python cells is plain ipykernel (kernelspec ``python3``);
that of Rust cells is evcxr's own kernel (kernelspec ``rust``), which is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import snapshots
from bench_kernel import kernel, run
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager


@dataclass
class Figure:
    """One line of the report: medians in milliseconds."""

    name: str
    ours: list[float]
    peer: list[float]
    target: str


def start_to_first(name: str, code: str) -> float:
    """Milliseconds from starting kernel ``name`` until ``code`` has run in it."""
    started = time.perf_counter()
    with kernel(name) as client:
        run(client, code)
        return (time.perf_counter() - started) * 1000


def in_turns(
    names: tuple[str, str], repeats: int, measure: Callable[[str], float]
) -> tuple[list[float], list[float]]:
    """``repeats`` measurements of each of two kernels, one after the other."""
    ours, peer = [], []
    for _ in range(repeats):
        ours.append(measure(names[0]))
        peer.append(measure(names[1]))
    return ours, peer


def start_python() -> Figure:
    """Start to first Python result."""
    ours, peer = in_turns(("ferrobook", "python3"), 7, lambda name: start_to_first(name, "1+1"))
    difference = statistics.median(ours) - statistics.median(peer)
    name = f"start to first Python result ({difference:+.0f} ms)"
    return Figure(name, ours, peer, "at most +300 ms")


def cells(name: str, target: str, code: str, repeats: int) -> Callable[[], Figure]:
    """The round trip of a Python cell, in kernels that are warm."""

    def measure() -> Figure:
        with kernel("ferrobook") as ours, kernel("python3") as peer:
            clients = {"ferrobook": ours, "python3": peer}
            for client in clients.values():
                for _ in range(3):
                    run(client, "1+1")
            return Figure(
                name,
                *in_turns(
                    ("ferrobook", "python3"), repeats, lambda which: run(clients[which], code)
                ),
                target,
            )

    return measure


def rust_cells(name: str, target: str, code: Callable[[int], str]) -> Callable[[], Figure]:
    """The round trip of a Rust cell that has to be compiled: each is a new one."""

    def measure() -> Figure:
        with kernel("ferrobook-rust") as client:
            ours = rust_series(client, code)
        peer: list[float] = []
        if "rust" in KernelSpecManager().find_kernel_specs():
            with kernel("rust") as client:
                peer = rust_series(client, code)
        return Figure(name, ours, peer, target)

    return measure


def rust_series(client: BlockingKernelClient, code: Callable[[int], str]) -> list[float]:
    """Thirty cells after two that warm up."""
    for number in (1, 2):
        run(client, code(number))
    return [run(client, code(number)) for number in range(3, 33)]


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

BENCHMARKS: dict[str, Callable[[], Figure]] = {
    "start": start_python,
    "1+1": cells("Python 1+1", "at most 1.3", "1+1", 200),
    "displays": cells("Python, 20,000 displays", "at most 1.1", DISPLAYS, 3),
    "stdout": cells("Python, 100 MB on stdout", "at most 1.1", STDOUT, 3),
    "expression": rust_cells("Rust expression", "at most 0.6", lambda n: f"{n} + {n}"),
    "let": rust_cells("Rust let", "at most 0.9", lambda n: f"let a{n} = {n};"),
    "println": rust_cells("Rust println!", "at most 0.9", lambda n: f'println!("{{}}", {n});'),
}

#: Tables of their own, by name; they have no peer.
TABLES: dict[str, Callable[[], str]] = {"snapshots": snapshots.measure}


def report(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| what | ours | peer | ratio | target |", "|---|---:|---:|---:|---|"]
    for figure in figures:
        ours = statistics.median(figure.ours)
        peer = statistics.median(figure.peer) if figure.peer else None
        lines.append(
            f"| {figure.name} | {ours:.1f} ms | "
            + ("not installed | " if peer is None else f"{peer:.1f} ms | ")
            + ("" if peer is None else f"{ours / peer:.2f}")
            + f" | {figure.target} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the benchmarks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = [*BENCHMARKS, *TABLES]
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(known)}")
    names = parser.parse_args().names or known
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    figures, tables = [], []
    for name in names:
        print(f"measuring: {name}", flush=True)
        if name in TABLES:
            tables.append(TABLES[name]())
        else:
            figures.append(BENCHMARKS[name]())
    if figures:
        tables.insert(0, report(figures))
    print("\n\n".join(tables))


if __name__ == "__main__":
    main()
