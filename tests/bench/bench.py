"""Figures of Ferrobook next to those of its peers, taken in one run, as ratios.

``npm run bench`` runs everything and takes about half an hour; ``npm run bench -- --quick`` takes some minutes, and
``npm run bench -- python-cells snapshots`` runs only what is named. Each pair is measured in turns, so that whatever else the
machine does falls on both.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import floods
import memory
import native
import peers
import python_cells
import report
import rust_cells
import snapshots
from figures import Effort, Results

BENCHMARKS: dict[str, Callable[[Effort], Results]] = {
    "python-start": python_cells.start,
    "python-cells": python_cells.cells,
    "floods": floods.measure,
    "rust-start": rust_cells.start,
    "rust-cells": rust_cells.cells,
    "restart": rust_cells.restart,
    "growth": rust_cells.growth,
    "dependencies": rust_cells.dependencies,
    "native": native.speed,
    "memory": memory.idle,
    "snapshots": snapshots.measure,
}

#: Those that need evcxr's own kernel.
WITH_EVCXR = {"rust-start", "rust-cells", "restart", "growth", "dependencies", "memory"}
#: Those that a quick run leaves out, unless they are named.
LONG = {"dependencies", "snapshots", "growth"}


def main() -> None:
    """Run the benchmarks that the command line names."""
    parser = argparse.ArgumentParser(prog="npm run bench --", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds, and only what does not take long"
    )
    parser.add_argument(
        "--output",
        type=Path,
        help="write the results as JSON and as a page with charts into this folder",
    )
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    names = options.names or [name for name in BENCHMARKS if not options.quick or name not in LONG]
    if WITH_EVCXR.intersection(names) and not peers.install_evcxr():
        parser.error(
            f"{peers.EVCXR_NAME} could not be installed; name benchmarks that do without it"
        )
    results = Results()
    for name in names:
        print(f"measuring: {name}", flush=True)
        found = BENCHMARKS[name](Effort(options.quick))
        results.add(found)
        if found.figures:
            print(report.table(found.figures), flush=True)
    print("\n" + report.table(results.figures))
    for text in results.tables:
        print("\n" + text)
    if options.output is not None:
        report.write(results, options.output, quick=options.quick)


if __name__ == "__main__":
    main()
