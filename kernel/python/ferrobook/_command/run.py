"""Run a notebook without a browser: `ferrobook run NOTEBOOK [--output FILE] [--kernel NAME]`.

Shows which cell runs, and prints the session's timing table at the end. The notebook itself is not changed. A cell that
fails is shown with its place and traceback, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from ferrobook._notebook import KERNELSPECS, NOTEBOOK, title_of

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def main(argv: list[str] | None = None, prog: str = "ferrobook run") -> int:
    """Run the notebook that the arguments name; 1 when a cell of it failed."""
    arguments = _parse(argv, prog)
    # Without this, a signal would end us before the kernel has been told to stop.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit_in_order)

    notebook = nbformat.read(arguments.notebook, as_version=4)
    kernel = arguments.kernel or notebook.metadata.get("kernelspec", {}).get("name")
    client = NotebookClient(
        notebook,
        kernel_name=kernel or KERNELSPECS[0],
        timeout=None,
        on_cell_executed=_keep_time,
        coalesce_streams=True,  # one output for a progress bar, not one for each of its steps
        resources={"metadata": {"path": str(arguments.notebook.resolve().parent)}},
    )
    succeeded = False
    with client.setup_kernel():
        _tell_language(client)
        try:
            succeeded = _run_cells(client, arguments.notebook.name)
            if succeeded:
                _print_timing(client)
        finally:
            if arguments.output is not None:
                nbformat.write(notebook, arguments.output)
    return 0 if succeeded else 1


def _parse(argv: list[str] | None, prog: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Run a notebook without a browser and print its timing table.",
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--output", type=Path, help="where to write the notebook with its outputs")
    parser.add_argument(
        "--kernel",
        help=f"a kernelspec; otherwise the notebook's own, or {KERNELSPECS[0]}",
    )
    arguments = parser.parse_args(argv)
    if not arguments.notebook.is_file():
        parser.error(f"there is no notebook {arguments.notebook}")
    return arguments


def _run_cells(client: NotebookClient, name: str) -> bool:
    """Run the cells in order; False, with the reason on stderr, as soon as one fails."""
    cells = [
        (index, cell)
        for index, cell in enumerate(client.nb.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    live = sys.stderr.isatty()
    bar = tqdm(
        total=len(cells),
        desc=name,
        disable=not live,
        bar_format="{desc} {bar:24} {n_fmt}/{total_fmt} {elapsed}{postfix}",
    )
    for number, (index, cell) in enumerate(cells, start=1):
        title = _first_line(cell)
        bar.set_postfix_str(title)
        started = time.monotonic()
        try:
            client.execute_cell(cell, index)
        except (CellExecutionError, DeadKernelError) as error:
            bar.close()
            _print_failure(f"{name}, cell {number} of {len(cells)}", cell, error)
            return False
        bar.update()
        if not live:
            took = time.monotonic() - started
            print(f"[{number}/{len(cells)}] {title} ({took:.1f} s)", file=sys.stderr, flush=True)
    bar.set_postfix_str("")
    bar.close()
    return True


@run_sync
async def _tell_language(client: NotebookClient) -> None:
    """Exporters choose their colours and the script's name by what the kernel says of its language."""
    info = await client.kc.kernel_info(reply=True)
    client.nb.metadata["language_info"] = info["content"]["language_info"]


def _keep_time(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
    """Put the record of the cell's time where JupyterLab has it, too."""
    del cell_index
    record = execute_reply["metadata"].get(NOTEBOOK["metadataKey"], {}).get("timing")
    if record is not None:
        cell.metadata.setdefault(NOTEBOOK["metadataKey"], {})["timing"] = record


def _print_timing(client: NotebookClient) -> None:
    cell = nbformat.v4.new_code_cell("%timing")
    client.nb.cells.append(cell)  # nbclient runs only cells of its notebook
    try:
        client.execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    except CellExecutionError:
        return  # the notebook names a kernel that is not ours
    finally:
        client.nb.cells.pop()
    for output in cell.outputs:
        text = output.get("text") or output.get("data", {}).get("text/plain")
        if text:
            print(text.rstrip("\n"))


def _print_failure(place: str, cell: NotebookNode, error: Exception) -> None:
    """Name the cell; the traceback counts the lines in it."""
    print(f"\n{place} failed: {_first_line(cell)}\n", file=sys.stderr)
    tracebacks = [
        "\n".join(output.traceback) for output in cell.outputs if output.output_type == "error"
    ]
    text = "\n".join(tracebacks) or str(error)
    print(text if sys.stderr.isatty() else _ANSI.sub("", text), file=sys.stderr)


def _first_line(cell: NotebookNode, width: int = 60) -> str:
    line = title_of(cell.source)
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _exit_in_order(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
