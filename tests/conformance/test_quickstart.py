"""The notebook that everybody sees first, run as `npm start` runs it."""

from __future__ import annotations

import pytest
from example_notebooks import check_source, code_cells, execute, is_rust
from nbformat import NotebookNode

NAME = "quickstart.ipynb"
TIMING_MIME = "application/vnd.ferrobook.timing+json"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, str]:
    """The executed notebook, and what the run printed."""
    return execute(NAME, tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="module")
def cells(run: tuple[NotebookNode, str]) -> list[NotebookNode]:
    """The executed code cells."""
    return code_cells(run[0])


def test_all_cells_run_in_order(cells: list[NotebookNode]) -> None:
    assert len(cells) >= 10
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [
        output for cell in cells for output in cell.outputs if output.output_type == "error"
    ]


def test_both_languages_have_something_to_show(cells: list[NotebookNode]) -> None:
    assert any(cell.outputs for cell in cells if is_rust(cell))
    assert any(cell.outputs for cell in cells if not is_rust(cell))


def test_there_is_a_chart(cells: list[NotebookNode]) -> None:
    kinds = {kind for cell in cells for output in cell.outputs for kind in output.get("data", {})}
    assert kinds & {"image/png", "image/svg+xml", "application/vnd.plotly.v1+json"}


def test_a_crate_is_used(cells: list[NotebookNode]) -> None:
    lines = [line for cell in cells if is_rust(cell) for line in cell.source.splitlines()]
    assert any(line.startswith(":dep ") for line in lines)


def test_it_ends_with_the_timing_of_both_languages(cells: list[NotebookNode]) -> None:
    [*_, last] = cells[-1].outputs
    table = last.data[TIMING_MIME]
    timed = {
        cell["record"]["executionCount"]: cell["record"]["language"] for cell in table["cells"]
    }
    assert timed == {
        cell.execution_count: "rust" if is_rust(cell) else "python" for cell in cells[:-1]
    }
    assert [total["language"] for total in table["totals"]] == ["python", "rust"]
    for total in table["totals"]:
        assert total["totalMs"] > 0


def test_the_run_prints_the_table(run: tuple[NotebookNode, str]) -> None:
    printed = run[1]
    assert "compile" in printed
    for language in ("python", "rust"):
        assert any(line.split()[:2] == ["Σ", language] for line in printed.splitlines())


def test_the_notebook_is_valid_and_carries_no_outputs() -> None:
    check_source(NAME)
