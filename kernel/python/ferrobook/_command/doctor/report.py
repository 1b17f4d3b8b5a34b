"""What was found, for people and for programs."""

from __future__ import annotations

import json
import os
import platform
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import TextIO

from ferrobook import __version__
from ferrobook._command.doctor.check import Check

_COLOURS = {"ok": "\x1b[32m", "warning": "\x1b[33m", "problem": "\x1b[31m"}
_PLAIN = "\x1b[0m"

#: The columns before what was found.
_INDENT = " " * 33


def as_text(checks: Iterable[Check], out: TextIO) -> int:
    """A line for each check, printed when it is done; the exit code."""
    print(f"Ferrobook {__version__} on {_machine()}\n", file=out)
    colours = out.isatty() and "NO_COLOR" not in os.environ
    done = []
    for check in checks:
        done.append(check)
        status = f"{check.status:<8}"
        if colours:
            status = f"{_COLOURS[check.status]}{status}{_PLAIN}"
        took = "" if check.ms is None else f" ({check.ms:.0f} ms)"
        found = textwrap.indent(check.found + took, _INDENT).lstrip()
        print(f"{status} {check.name:<{len(_INDENT) - 10}} {found}", file=out)
        if check.mend is not None:
            print(f"{_INDENT}do: {check.mend}", file=out)
        out.flush()
    print(f"\n{_summary(done)}", file=out)
    return _exit_code(done)


def as_json(checks: Iterable[Check]) -> int:
    """All checks as one object; the exit code."""
    done = list(checks)
    code = _exit_code(done)
    found = {
        "version": __version__,
        "machine": _machine(),
        "ok": code == 0,
        "checks": [asdict(check) for check in done],
    }
    print(json.dumps(found, indent=2))
    return code


def _summary(checks: list[Check]) -> str:
    counts = Counter(check.status for check in checks)
    parts = [
        f"{number} {what}{'' if number == 1 else 's'}"
        for what in ("problem", "warning")
        if (number := counts[what])
    ]
    return ", ".join(parts) if parts else "All is well."


def _exit_code(checks: list[Check]) -> int:
    return int(any(check.status == "problem" for check in checks))


def _machine() -> str:
    return f"{platform.system()} {platform.release()}, {platform.machine()}"
