"""The command ``ferrobook``: ``ferrobook doctor``, ``ferrobook run``."""

from __future__ import annotations

import argparse
import importlib
import sys

from ferrobook import __version__

#: Each command's module has a ``main(argv, prog)``. It is loaded when it is asked for: a doctor must not need what it looks for.
COMMANDS = {
    "doctor": (
        "ferrobook._command.doctor",
        "check this machine, and say what to do where something is wrong",
    ),
    "run": (
        "ferrobook._command.run",
        "run a notebook without a browser and print its timing table",
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command that is named first; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="ferrobook", description="Python and Rust cells in one Jupyter notebook."
    )
    parser.add_argument("--version", action="version", version=f"ferrobook {__version__}")
    commands = parser.add_subparsers(
        dest="command",
        metavar="COMMAND",
        required=True,
        title="commands",
        description="`ferrobook COMMAND --help` tells more of one",
    )
    for name, (_, what) in COMMANDS.items():
        commands.add_parser(name, help=what, add_help=False)
    asked, arguments = parser.parse_known_args(argv)
    module, _ = COMMANDS[asked.command]
    return importlib.import_module(module).main(arguments, prog=f"ferrobook {asked.command}")


if __name__ == "__main__":
    sys.exit(main())
