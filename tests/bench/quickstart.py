"""Restart & Run All of the quickstart, twice: what the second one costs, and that nothing is compiled for it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from bench_kernel import kernel, timing
from figures import Effort, Results
from rustc_log import RustcLog

NOTEBOOK = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"


@dataclass
class RunCell:
    """What became of one cell."""

    language: str
    ms: float
    rustc: int


def run_all(sources: list[str], environment: dict[str, str], log: RustcLog) -> list[RunCell]:
    """Run the cells in a new kernel. Background work of its start is waited for, so that it counts as nobody's."""
    cells = []
    with kernel("ferrobook", environment) as running:
        running.run("%%rust\n()")
        for source in sources:
            before = log.compiles()
            record = timing(running.reply(source))
            cells.append(RunCell(record["language"], record["totalMs"], log.compiles() - before))
    return cells


def trace(effort: Effort) -> Results:
    """The table: each cell's time, and how often rustc was started to compile something for it."""
    del effort
    cells = [
        cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"
    ]
    sources = [cell.source for cell in cells]
    with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory:
        log = RustcLog(Path(directory))
        environment = {"FERROBOOK_CACHE_DIR": f"{directory}/cache", **log.environment}
        first = run_all(sources, environment, log)
        asked = log.questions()
        second = run_all(sources, environment, log)
        asked = log.questions() - asked
    rows = [
        row(f"`{title(source)}`", before.language, [before], [after])
        for source, before, after in zip(sources, first, second, strict=True)
    ]
    lines = [
        "| cell | | the first time | compiles | the second time | compiles |",
        "|---|---|---:|---:|---:|---:|",
        *rows,
        row("all cells", "", first, second),
    ]
    note = f"\nThe second time, rust-analyzer has asked rustc about itself {asked} times (`-vV`, `--print`)."
    return Results(
        tables=["## Restart & Run All of the quickstart\n\n" + "\n".join([*lines, note])]
    )


def row(name: str, language: str, first: list[RunCell], second: list[RunCell]) -> str:
    """Sums over cells, as a line of the table."""
    columns = [
        column
        for cells in (first, second)
        for column in (
            f"{sum(cell.ms for cell in cells):.1f} ms",
            f"{sum(cell.rustc for cell in cells)}",
        )
    ]
    return f"| {' | '.join([name, language, *columns])} |"


def title(source: str) -> str:
    """The first line of a cell that says something."""
    lines = [line for line in source.splitlines() if line and not line.startswith("%%")]
    return lines[0].replace("|", "\\|")[:50]
