"""Pages that nbconvert makes show the times that are saved with a notebook, below the cells as in JupyterLab."""

from __future__ import annotations

import html
import math
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from ferrobook._notebook import NOTEBOOK, duration, remarks

_TIMING = NOTEBOOK["timing"]


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
    own = cell.metadata.get(NOTEBOOK["metadataKey"])
    record = own.get("timing") if isinstance(own, dict) else None
    if cell.cell_type != "code" or not isinstance(record, dict):
        return None
    count = record.get("executionCount")
    is_current = (
        record.get("version") == _TIMING["version"] and count == cell.execution_count is not None
    )
    return record if is_current else None


def _is_shown(cell: NotebookNode) -> bool:
    """`%timing on` and `%%rust --time` have put the line into the outputs already."""
    return any(_TIMING["mime"] in output.get("data", {}) for output in cell.outputs)


def _sentence(record: dict[str, Any]) -> str:
    shown_from = {name: math.inf if ms is None else ms for name, ms in _TIMING["shownFrom"].items()}
    phases = [
        f"{phase['name']} {duration(phase['ms'])}"
        for phase in record["phases"]
        if phase["ms"] >= shown_from.get(phase["name"], 0)
    ]
    words = {"cached": record.get("cached"), "failed": record.get("status") == "error"}
    language = NOTEBOOK["languages"].get(record["language"], record["language"])
    special = [word for word, holds in words.items() if holds]
    return " · ".join([language, *phases, *remarks(record), *special])
