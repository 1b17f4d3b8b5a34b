"""What Rust cells are compiled and linked with."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from ferrobook._command.doctor.check import Check, Ran, run
from ferrobook._command.prerequisites import installation

_MANIFEST = """\
[package]
name = "linked"
version = "0.1.0"
edition = "2024"

[workspace]
"""


def toolchain(report: dict[str, Any]) -> Check:
    """cargo and rustc, as the Rust host has found them."""
    found = report["toolchain"]
    if "error" in found:
        return Check("Rust toolchain", "problem", found["message"], installation("rust"))
    return Check(
        "Rust toolchain",
        "ok",
        f"rustc {found['rustcVersion']}, cargo {found['cargoVersion']} ({Path(found['rustc']).parent})",
    )


def linker(report: dict[str, Any] | None) -> Check:
    """A program is compiled, linked and run: by cargo, which may have been told of another linker, or by cc alone."""
    name = "C linker"
    tools = None if report is None or "error" in report["toolchain"] else report["toolchain"]
    with tempfile.TemporaryDirectory(prefix="ferrobook-doctor-") as directory:
        place = Path(directory)
        built = _by_cc(place) if tools is None else _by_cargo(tools, place)
        if built.code != 0:
            return Check(name, "problem", built.reason, installation("linker"))
        ran = run(place / "linked")
        if ran.code != 0:
            found = f"what was linked in {place.parent} does not run: {ran.reason}"
            return Check(name, "problem", found, "set TMPDIR to a directory that is not `noexec`")
    by = "cc" if tools is None else "cargo"
    return Check(name, "ok", f"a program was compiled, linked and run ({by})")


def _by_cargo(tools: dict[str, str], place: Path) -> Ran:
    (place / "src").mkdir()
    (place / "src" / "main.rs").write_text("fn main() {}\n", encoding="utf-8")
    (place / "Cargo.toml").write_text(_MANIFEST, encoding="utf-8")
    target = place / "target"
    environment = os.environ | {"RUSTC": tools["rustc"], "CARGO_TARGET_DIR": str(target)}
    built = run(
        tools["cargo"],
        "build",
        "--quiet",
        "--offline",
        cwd=place,
        environment=environment,
        timeout=120,
    )
    if built.code == 0:
        # Another target than the machine's may be configured, and has a folder of its own.
        [program] = [path for path in target.glob("**/debug/linked") if path.is_file()]
        program.rename(place / "linked")
    return built


def _by_cc(place: Path) -> Ran:
    return run("cc", "-x", "c", "-o", place / "linked", "-", stdin="int main(void) { return 0; }\n")
