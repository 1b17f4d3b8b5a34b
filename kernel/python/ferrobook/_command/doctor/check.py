"""What a look at one part of the machine has found."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    #: The part that was looked at.
    name: str
    #: With a warning notebooks still run, with less than they could have.
    status: Status
    #: What there is, in words.
    found: str
    #: A command, or what else to do. Nothing where all is well.
    mend: str | None = None
    #: How long the part took, where it is something that runs.
    ms: float | None = None


@dataclass(frozen=True)
class Ran:
    """A program that was run to its end."""

    code: int
    stdout: str
    stderr: str

    @property
    def reason(self) -> str:
        """Why it failed: the line that says `error`, or the last one."""
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("error")]
        return (errors or lines[::-1] or [f"exit code {self.code}"])[0]


def run(
    *command: str | Path,
    cwd: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout: float = 60,
) -> Ran:
    """Run a program. One that cannot be started, or does not end, has failed like any other."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=None if environment is None else dict(environment),
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
        )
    except OSError as error:
        return Ran(127, "", f"{command[0]} does not start: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Ran(124, "", f"{command[0]} did not end within {timeout:.0f} s")
    return Ran(done.returncode, done.stdout, done.stderr)
