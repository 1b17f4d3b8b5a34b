"""Room for what kernels write, and for the copies that they make of themselves."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ferrobook._command.doctor.check import Check, run

_MB = 1 << 20

#: What a kernel with a few cells and crates takes, and below what nothing can be compiled.
ENOUGH, TOO_LITTLE = 1024 * _MB, 64 * _MB

#: Linux refuses to copy what might not fit when this file holds a 2.
_OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")

_FORK = "import os\nif os.fork() == 0: os._exit(0)\nos.wait()"


def cache(report: dict[str, Any]) -> Check:
    """Where compiled cells are kept, as the Rust host says."""
    name = "cache"
    kept = report["cache"]
    if kept["directory"] is None:
        return Check(
            name,
            "warning",
            "compiled cells are not kept (FERROBOOK_CACHE_DIR)",
            "unset FERROBOOK_CACHE_DIR",
        )
    directory = Path(kept["directory"])
    elsewhere = "set FERROBOOK_CACHE_DIR to a directory that can be written to"
    problem = kept["problem"] or _not_writable(directory)
    if problem is not None:
        found = f"{directory} cannot be used, so that every cell is compiled anew: {problem}"
        return Check(name, "problem", found, elsewhere)
    free = shutil.disk_usage(_existing(directory)).free
    holds = f"{directory} holds {kept['bytes'] / _MB:.0f} of at most {kept['limit'] / _MB:.0f} MB"
    if free < TOO_LITTLE:
        return Check(name, "problem", f"{holds}, {_free(free)}", elsewhere)
    if free < kept["limit"] - kept["bytes"]:
        limit = f"FERROBOOK_CACHE_SIZE={max(1, free // _MB // 2)}MB"
        return Check(name, "warning", f"{holds}, {_free(free)}", f"export {limit}")
    return Check(name, "ok", f"{holds}, {_free(free)}")


def temporary_files() -> Iterator[Check]:
    """Where a kernel keeps its sockets and what it is compiling. Node.js, unlike Python, takes TMPDIR at its word."""
    name = "temporary files"
    directory = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    another = "set TMPDIR to a directory with room that can be written to"
    problem = None if directory.is_dir() else "there is no such directory"
    problem = problem or _not_writable(directory)
    if problem is not None:
        yield Check(name, "problem", f"{directory}: {problem}", another)
        return
    free = shutil.disk_usage(directory).free
    found = f"{directory}, {_free(free)}"
    if free < TOO_LITTLE:
        yield Check(name, "problem", found, another)
    elif free < ENOUGH:
        yield Check(name, "warning", f"{found}: little for crates", another)
    else:
        yield Check(name, "ok", found)


def forks() -> Iterator[Check]:
    """Before each Rust cell its process is copied, so that a crash costs no variables."""
    name = "snapshots"
    ran = run(sys.executable, "-c", _FORK)
    if ran.code != 0:
        yield Check(name, "problem", f"no process can be copied: {ran.reason}", "raise `ulimit -u`")
    elif _OVERCOMMIT.exists() and _OVERCOMMIT.read_text().strip() == "2":
        found = "the system refuses to copy a process with large variables (vm.overcommit_memory=2)"
        yield Check(name, "warning", found, "sudo sysctl vm.overcommit_memory=0")
    else:
        yield Check(name, "ok", "processes can be copied")


def _not_writable(directory: Path) -> str | None:
    """Why no file can be made there. A directory that is not there yet is made by who needs it."""
    try:
        with tempfile.TemporaryFile(dir=_existing(directory)):
            return None
    except OSError as error:
        return error.strerror


def _existing(path: Path) -> Path:
    """The path itself, or the nearest of its parents that there is."""
    return next(place for place in (path, *path.parents) if place.exists())


def _free(amount: int) -> str:
    return f"{amount / (1 << 30):.1f} GB are free"
