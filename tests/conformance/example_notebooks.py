"""The notebooks that people open first, run as `npm start` runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMAND = Path(sys.executable).with_name("ferrobook")


def execute(name: str, directory: Path) -> tuple[NotebookNode, str]:
    """The executed notebook, and what the run printed.

    A cell that fails without saying so by the tag `raises-exception` fails here, with its traceback.
    """
    target = directory / name
    command = [COMMAND, "run", EXAMPLES / name, "--output", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=570)
    assert done.returncode == 0, done.stderr
    return nbformat.read(target, as_version=4), done.stdout


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Without the prose between them."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_rust(cell: NotebookNode) -> bool:
    """Whether the first line says so."""
    return cell.source.startswith("%%rust")


def check_source(name: str) -> None:
    """Committed outputs would be those of one machine, and every run would change the file."""
    source = nbformat.read(EXAMPLES / name, as_version=4)
    nbformat.validate(source)
    assert source.metadata.kernelspec.name == "ferrobook"
    assert not [cell for cell in source.cells if cell.get("outputs") or cell.get("execution_count")]
