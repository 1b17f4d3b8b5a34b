"""Which compilers cargo starts for a kernel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class RustcLog:
    """Notes each time that cargo starts rustc: a wrapper of the user's own is called in rustc's place."""

    directory: Path

    def __post_init__(self) -> None:
        self.wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{self.log}"\nexec "$@"\n')
        self.wrapper.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """What a kernel is started with for its cargo to be watched."""
        return {"RUSTC_WRAPPER": str(self.wrapper)}

    @property
    def wrapper(self) -> Path:
        """The program that cargo starts."""
        return self.directory / "wrapper"

    @property
    def log(self) -> Path:
        """A line for each start."""
        return self.directory / "starts"

    def compiles(self, crate: str | None = None) -> int:
        """How often rustc was started so far to compile something, or to compile a crate of this name."""
        wanted = "--emit" if crate is None else f"--crate-name {crate} "
        return sum("--emit" in line and wanted in line for line in self.lines())

    def questions(self) -> int:
        """How often rustc was started so far to tell something of itself, such as its version."""
        return sum("--emit" not in line for line in self.lines())

    def lines(self) -> list[str]:
        """What rustc was started with, each time."""
        return self.log.read_text().splitlines() if self.log.exists() else []
