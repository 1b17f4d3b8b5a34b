"""A large notebook in JupyterLab, with the extension and without it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from figures import Effort, Figure, Results

ROOT = Path(__file__).parents[2]
PEER = "JupyterLab without the extension"

#: What the browser's script calls its figures, and what they are.
FIGURES = {
    "drawn": "JupyterLab: 300 cells, until the first are drawn",
    "ready": "JupyterLab: 300 cells, until the page is at rest",
    "longestFrame": "JupyterLab: 300 cells, longest frame while scrolling",
    "scrolled": "JupyterLab: 300 cells, scrolled to the end",
    "key": "JupyterLab: a key in a Rust cell of 10,000 lines",
}


def measure(effort: Effort) -> Results:
    """Both open the same notebooks in the same JupyterLab; the samples are a browser's."""
    script = ROOT / "extension" / "ui-tests" / "bench.ts"
    command = [ROOT / "node_modules" / ".bin" / "tsx", script, str(effort.rounds(6))]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    samples = json.loads(printed)
    return Results(
        [
            Figure(name, PEER, *([each[key] for each in samples[who]] for who in ("ours", "peer")))
            for key, name in FIGURES.items()
        ]
    )
