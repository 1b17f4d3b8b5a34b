"""The example that shows what crashes, interrupts and panics leave of the variables."""

from __future__ import annotations

import pytest
from example_notebooks import check_source, code_cells, execute
from nbformat import NotebookNode

NAME = "crashes.ipynb"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[NotebookNode]:
    """The executed code cells."""
    notebook, _ = execute(NAME, tmp_path_factory.mktemp("crashes"))
    return code_cells(notebook)


def test_each_fault_is_one_error_that_says_what_it_was(cells: list[NotebookNode]) -> None:
    enames = [
        output.ename for cell in cells for output in cell.outputs if output.output_type == "error"
    ]
    assert enames == ["SIGABRT", "SIGSEGV", "SIGSEGV", "Interrupted", "panic"]


def test_after_each_crash_the_variables_are_what_they_were(cells: list[NotebookNode]) -> None:
    checks = [cell.outputs for cell in cells if "iter().sum::<f64>() == sum" in cell.source]
    assert [[output.data["text/plain"] for output in outputs] for outputs in checks] == [
        ["true"]
    ] * 4


def test_a_panic_keeps_what_the_cell_had_changed(cells: list[NotebookNode]) -> None:
    [length] = [cell.outputs for cell in cells if cell.source.endswith("\nv.len()")]
    assert [output.data["text/plain"] for output in length] == ["1000001"]


def test_the_notebook_is_valid_and_carries_no_outputs() -> None:
    check_source(NAME)
