"""What the bridge adds to the ipykernel of a notebook: an IPython extension, nothing more.

* ``%%python`` as the first line of a cell means "this is a Python cell". The bridge sends cells
  unchanged, because breakpoints are found by a hash of the source; the marker goes away here.
* Each ``execute_reply`` carries the time that the cell took, measured next to the cell.
* The line magics that the bridge names ask the bridge, which knows both languages.
* :func:`sync` keeps the prompt's number and the history in step with the Rust cells.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipykernel.connect import get_connection_file
from IPython.core.getipython import get_ipython
from IPython.display import publish_display_data

from ferrobook._notebook import NOTEBOOK, marker_line

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: A display of this type is a request to the bridge, which answers in its place.
COMMAND_MIME = "application/vnd.ferrobook.command+json"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Install the marker, the timing and the magics in ``shell``."""
    # `cleanup_transforms` run before IPython looks for a `%%magic` line.
    shell.input_transformer_manager.cleanup_transforms.append(drop_python_marker)
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        for magic in _named_by_bridge(Path(get_connection_file())):
            shell.register_magic_function(_asking_bridge(magic["name"], magic["help"]), "line")
        _time_replies(shell, kernel)


def drop_python_marker(lines: list[str]) -> list[str]:
    """Comment out a ``%%python`` marker and what stands above it; the number of lines stays the same.

    Above the marker only comments may stand: Python's, or Rust's in a notebook whose default is Rust.
    """
    marker = marker_line(lines)
    if marker is None or marker[1] != "python":
        return lines
    end = marker[0] + 1
    return [f"# {above}" for above in lines[:end]] + lines[end:]


def sync(state: str) -> None:
    """Take over the state of the bridge.

    ``state`` is JSON: ``{"executionCount": 7, "inputs": [[5, "%%rust…"], [6, "%%rust…"]]}``, the number
    of the next prompt and the Rust cells since the last call.
    """
    shell = get_ipython()
    news = json.loads(state)
    for count, source in news["inputs"]:
        # What IPython itself keeps of a cell with a magic; it must be Python, because IPython reads it.
        parsed = f"get_ipython().run_cell_magic('rust', '', {source!r})\n"
        shell.history_manager.store_inputs(count, parsed, source)
    shell.execution_count = news["executionCount"]


def _named_by_bridge(connection_file: Path) -> list[dict[str, str]]:
    """The magics that the bridge answers, each with its ``name`` and ``help``: they stand beside the connection file."""
    file = connection_file.with_name("magics.json")
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def _asking_bridge(name: str, docstring: str) -> Callable[[str], None]:
    """A line magic."""

    def magic(line: str) -> None:
        _ask_bridge(name, line)

    magic.__name__ = magic.__qualname__ = name
    magic.__doc__ = docstring
    return magic


def _ask_bridge(command: str, arguments: str) -> None:
    request = {"command": command, "arguments": arguments}
    publish_display_data({COMMAND_MIME: request, "text/plain": f"%{command} {arguments}"})


class CellClock:
    """Times the cell itself, without what IPython does around it."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The cell begins."""
        self._started = (time.perf_counter(), time.process_time())
        self._elapsed: tuple[float, float] | None = None

    def stop(self, *_: Any) -> None:
        """The cell is over; a second call changes nothing."""
        if self._elapsed is None:
            self._elapsed = (
                time.perf_counter() - self._started[0],
                time.process_time() - self._started[1],
            )

    def read(self) -> dict[str, float]:
        """Wall-clock and CPU milliseconds."""
        self.stop()
        wall, cpu = self._elapsed or (0.0, 0.0)
        return {"runMs": wall * 1000, "cpuMs": cpu * 1000}


def _time_replies(shell: InteractiveShell, kernel: Any) -> None:
    """Put ``metadata.ferrobook`` with ``runMs`` and ``cpuMs`` into each ``execute_reply``.

    ``init_metadata`` and ``finish_metadata`` are the hooks that ipykernel's base class offers for
    metadata; ``run_ast_nodes`` and the event ``post_run_cell`` enclose nothing but the cell. The event ``pre_run_cell``
    would not do: IPython shows an interrupt that hits a callback of its events, and runs the cell all the same.
    """
    clock = CellClock()
    init, finish, run = kernel.init_metadata, kernel.finish_metadata, shell.run_ast_nodes

    def init_metadata(parent: Any) -> dict[str, Any]:
        metadata = init(parent)
        clock.start()
        return metadata

    def finish_metadata(parent: Any, metadata: dict[str, Any], reply: Any) -> dict[str, Any]:
        metadata = finish(parent, metadata, reply)
        metadata[NOTEBOOK["metadataKey"]] = clock.read()
        return metadata

    async def run_ast_nodes(*arguments: Any, **options: Any) -> bool:
        clock.start()
        return await run(*arguments, **options)

    shell.events.register("post_run_cell", clock.stop)
    shell.run_ast_nodes = run_ast_nodes
    kernel.init_metadata, kernel.finish_metadata = init_metadata, finish_metadata
