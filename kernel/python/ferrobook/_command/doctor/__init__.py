"""``ferrobook doctor``: looks at a machine part by part, and says what to do where something is wrong."""

from __future__ import annotations

import argparse
import sys

from ferrobook._command.doctor import report
from ferrobook._command.doctor.examination import examine


def main(argv: list[str] | None = None, prog: str = "ferrobook doctor") -> int:
    """Print what was found; 1 when something is a problem."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Check whether notebooks with Python and Rust cells run on this machine, and say what to do where "
        "something is wrong. The exit code is 1 when there is a problem; warnings alone leave it 0.",
    )
    parser.add_argument("--quick", action="store_true", help="start no kernel")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(argv)
    checks = examine(quick=asked.quick)
    return report.as_json(checks) if asked.json else report.as_text(checks, sys.stdout)
