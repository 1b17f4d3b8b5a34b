"""What the kernel and the JupyterLab extension know of a notebook, too.

``notebook.json`` is made of ``packages/notebook``; what cannot be data is written a second time here, and both are held to
``tests/fixtures/notebook``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

#: The data; ``packages/notebook`` describes them.
NOTEBOOK: dict[str, Any] = json.loads(
    Path(__file__).with_name("notebook.json").read_text(encoding="utf-8")
)

#: The names of Ferrobook's kernelspecs; the first one is used where none is named.
KERNELSPECS: tuple[str, ...] = tuple(spec["name"] for spec in NOTEBOOK["kernelspecs"])

_MARKER = re.compile(NOTEBOOK["marker"])
_COMMENT = re.compile(NOTEBOOK["comment"])


def marker_line(lines: list[str]) -> tuple[int, str] | None:
    """The number, from 0, and the name of a cell's ``%%name`` line; above it only comments of either language may stand."""
    for number, line in enumerate(lines):
        stripped = line.strip()
        marker = _MARKER.match(stripped)
        if marker:
            return number, marker[1]
        if stripped and not _COMMENT.match(stripped):
            return None
    return None


def title_of(source: str) -> str:
    """The line that a reader knows a cell by: not its marker, not a comment unless there is nothing else."""
    lines = [line.strip() for line in source.split("\n")]
    lines = [line for line in lines if line and not line.startswith("%%")]
    return next((line for line in lines if not _COMMENT.match(line)), lines[0] if lines else "")


def duration(ms: float) -> str:
    """Milliseconds as people read them: `0.42 ms`, `153 ms`, `12.3 s`."""
    if ms >= 100_000:
        return f"{ms / 60_000:.1f} min"
    if ms >= 999.5:
        return f"{_three_digits(ms / 1000)} s"
    if ms >= 100:
        return f"{ms:.0f} ms"
    return f"{_three_digits(ms)} ms" if ms >= 1 else f"{ms:.2f} ms"


def remarks(record: dict[str, Any]) -> list[str]:
    """What a reader must know to compare a record's time with another's, but for where its code came from."""
    build = record.get("build") or {}
    # Records that were saved before options were in them have only what the compiler did.
    given = {**({"debug": True} if build.get("debug") else {}), **(record.get("options") or {})}
    known = NOTEBOOK["timing"]["remarks"]
    said = [
        known_one["remark"]
        for known_one in known
        if given.get(known_one["option"], known_one["usual"]) != known_one["usual"]
    ]
    cpu = build.get("targetCpu")
    return [*said, f"for {cpu}"] if cpu else said


def _three_digits(number: float) -> str:
    return f"{number:.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}"
