"""Pages that nbconvert makes show the times that are saved with a notebook, below the cells as in JupyterLab."""

from __future__ import annotations

import html
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

#: The version of the kernel's record that this reads.
_VERSION = 1

#: Phases that are left out below these milliseconds.
_HIDDEN_BELOW = {"relay": float("inf"), "snapshot": 1}

_TIMING_MIME = "application/vnd.ferrobook.timing+json"
_LANGUAGES = {"python": "Python", "rust": "Rust"}


class ShowTimes(Preprocessor):
    """Appends a line to the outputs of each cell with a record of its last run."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Called by nbconvert for every cell."""
        del index
        record = _record(cell)
        if record is not None and not _is_shown(cell):
            line = html.escape(_sentence(record))
            shown = f'<div style="font-size: smaller; opacity: 0.7">{line}</div>'
            cell.outputs.append(new_output("display_data", {"text/html": shown}))
        return cell, resources


def _record(cell: NotebookNode) -> dict[str, Any] | None:
    """That of the last run: programs that strip outputs may leave the metadata, and others may use our key."""
    own = cell.metadata.get("ferrobook")
    record = own.get("timing") if isinstance(own, dict) else None
    if cell.cell_type != "code" or not isinstance(record, dict):
        return None
    count = record.get("executionCount")
    is_current = record.get("version") == _VERSION and count == cell.execution_count is not None
    return record if is_current else None


def _is_shown(cell: NotebookNode) -> bool:
    """`%timing on` and `%%rust --time` have put the line into the outputs already."""
    return any(_TIMING_MIME in output.get("data", {}) for output in cell.outputs)


def _sentence(record: dict[str, Any]) -> str:
    phases = [
        f"{phase['name']} {duration(phase['ms'])}"
        for phase in record["phases"]
        if phase["ms"] >= _HIDDEN_BELOW.get(phase["name"], 0)
    ]
    build = record.get("build") or {}
    remarks = {
        "with debug checks": build.get("debug"),
        f"for {build.get('targetCpu')}": build.get("targetCpu"),
        "cached": record.get("cached"),
        "failed": record.get("status") == "error",
    }
    language = _LANGUAGES.get(record["language"], record["language"])
    return " · ".join([language, *phases, *(text for text, holds in remarks.items() if holds)])


def duration(ms: float) -> str:
    """As the kernel and JupyterLab write it: `0.42 ms`, `153 ms`, `12.3 s`."""
    if ms >= 100_000:
        return f"{ms / 60_000:.1f} min"
    if ms >= 999.5:
        return f"{_three_digits(ms / 1000)} s"
    if ms >= 100:
        return f"{ms:.0f} ms"
    return f"{_three_digits(ms)} ms" if ms >= 1 else f"{ms:.2f} ms"


def _three_digits(number: float) -> str:
    return f"{number:.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}"
