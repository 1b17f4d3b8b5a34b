"""The peers of Rust cells: evcxr's own kernel, and a crate built by ``cargo build --release``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

EVCXR_VERSION = "0.22.0"
EVCXR_NAME = f"evcxr_jupyter {EVCXR_VERSION}"
#: The name of the kernelspec that :func:`install_evcxr` makes.
EVCXR_KERNEL = "ferrobook-bench-evcxr"


def cache() -> Path:
    """Where peers are kept from run to run."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ferrobook-bench"


def install_evcxr() -> bool:
    """Make :data:`EVCXR_KERNEL` known to jupyter_client. Builds the kernel where it is missing, which takes minutes."""
    program = shutil.which("evcxr_jupyter")
    if program is None or EVCXR_VERSION not in said(program, "--version"):
        root = cache() / "evcxr"
        program = str(root / "bin" / "evcxr_jupyter")
        if not Path(program).exists():
            print(f"installing {EVCXR_NAME} into {root}; this takes some minutes", flush=True)
            # `--locked`: a fresh resolve of its dependencies does not build.
            command = [
                "cargo",
                "install",
                "evcxr_jupyter",
                "--version",
                f"={EVCXR_VERSION}",
                "--locked",
            ]
            environment = {name: value for name, value in os.environ.items() if name != "CI"}
            built = subprocess.run([*command, "--root", str(root)], env=environment, check=False)
            if built.returncode != 0:
                return False
    specs = Path(tempfile.mkdtemp(prefix="ferrobook-bench-"))
    folder = specs / "kernels" / EVCXR_KERNEL
    folder.mkdir(parents=True)
    spec = {
        "argv": [program, "--control_file", "{connection_file}"],
        "display_name": EVCXR_NAME,
        "language": "rust",
        "interrupt_mode": "message",
    }
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    path = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(specs) if not path else f"{specs}{os.pathsep}{path}"
    return True


def said(*command: str) -> str:
    """What a command prints."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return "missing"


def release_crate(main: str) -> Path:
    """Build ``main`` as a crate with ``cargo build --release`` and return the program."""
    folder = Path(tempfile.mkdtemp(prefix="ferrobook-bench-"))
    (folder / "src").mkdir()
    manifest = '[package]\nname = "peer"\nversion = "0.1.0"\nedition = "2024"\n'
    (folder / "Cargo.toml").write_text(manifest, encoding="utf-8")
    (folder / "src" / "main.rs").write_text(main, encoding="utf-8")
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder, check=True)
    return folder / "target" / "release" / "peer"
