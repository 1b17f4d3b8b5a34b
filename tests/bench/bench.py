"""Figures of Ferrobook next to those of its peers, taken in one run, as ratios.

``npm run bench`` runs everything, takes about half an hour and writes ``docs/benchmarks``; ``npm run bench -- --quick`` takes
two minutes, and ``npm run bench -- python-cells snapshots`` runs only what is named. Each pair is measured in turns, so that
whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import compiles
import floods
import lab
import memory
import native
import peers
import python_cells
import quickstart
import report
import rust_cells
import snapshots
import wheel
from figures import Effort, Results

BENCHMARKS: dict[str, Callable[[Effort], Results]] = {
    "python-start": python_cells.start,
    "python-cells": python_cells.cells,
    "floods": floods.measure,
    "rust-start": rust_cells.start,
    "rust-cells": rust_cells.cells,
    "compiles": compiles.table,
    "restart": rust_cells.restart,
    "quickstart": quickstart.trace,
    "growth": rust_cells.growth,
    "dependencies": rust_cells.dependencies,
    "native": native.speed,
    "memory": memory.idle,
    "snapshots": snapshots.measure,
    "lab": lab.measure,
    "wheel": wheel.measure,
}

#: Those that need evcxr's own kernel.
WITH_EVCXR = {"rust-start", "rust-cells", "restart", "growth", "dependencies", "memory", "compiles"}
#: Those that a quick run leaves out, unless they are named.
LONG = {"compiles", "dependencies", "floods", "lab", "snapshots", "wheel"}
#: Where the results of a full run go.
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks"


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
        help="write the results as JSON and as a page with charts into this folder (a full run: docs/benchmarks); "
        "what is named takes the place of the same rows that are there",
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
    failed = []
    for name in names:
        started = time.monotonic()
        # What another benchmark or an earlier run has compiled must not be found by this one.
        with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as cache:
            os.environ["FERROBOOK_CACHE_DIR"] = cache
            try:
                results.add(BENCHMARKS[name](Effort(options.quick)))
            except Exception:
                # What the others have taken an hour for is not lost.
                traceback.print_exc()
                failed.append(name)
        print(f"measured: {name} ({time.monotonic() - started:.0f} s)", flush=True)
    if results.figures:
        print("\n" + report.table(results.figures))
    for text in results.tables:
        print("\n" + text)
    is_full = not options.quick and not options.names
    output = options.output or (PAGE if is_full else None)
    if output is not None:
        # Each row is of one run; rows that are measured again take the place of the same ones of an earlier run.
        page = report.earlier(output, quick=options.quick) if options.names else Results()
        page.replace(results)
        report.write(page, output, quick=options.quick)
        print(f"\nwritten: {output}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
