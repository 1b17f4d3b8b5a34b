"""What Jupyter knows of Ferrobook: its kernels, and JupyterLab's extension."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ferrobook._bridge.installation import Installation
from ferrobook._command.doctor.check import Check, run
from ferrobook._notebook import KERNELSPECS

EXTENSION = "@ferrobook/extension"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def kernelspecs() -> Iterator[Check]:
    """The first one of a name that Jupyter finds is the one that it starts."""
    from jupyter_client.kernelspec import KernelSpecManager

    places = KernelSpecManager().find_kernel_specs()
    for kernel in KERNELSPECS:
        name = f"kernel {kernel}"
        if kernel not in places:
            yield Check(name, "problem", "Jupyter does not find it", Installation.find().repair)
        else:
            yield _kernelspec(name, kernel, Path(places[kernel]))


def _kernelspec(name: str, kernel: str, place: Path) -> Check:
    repair = Installation.find().repair
    is_ours = place.resolve() == _own_place(kernel)
    if not is_ours:
        repair = f"jupyter kernelspec remove {kernel}   (it hides the one of this environment)"
    try:
        argv = json.loads((place / "kernel.json").read_text(encoding="utf-8"))["argv"]
    except (OSError, ValueError, KeyError) as error:
        return Check(name, "problem", f"{place / 'kernel.json'} cannot be read: {error}", repair)
    program, *arguments = [part.replace("{resource_dir}", str(place)) for part in argv]
    missing = [part for part in arguments if Path(part).is_absolute() and not Path(part).exists()]
    if shutil.which(program) is None:
        missing.insert(0, program)
    if missing:
        return Check(name, "problem", f"{place} starts what is not there: {missing[0]}", repair)
    if not is_ours:
        return Check(name, "warning", f"{place} belongs to another installation", repair)
    return Check(name, "ok", str(place))


def _own_place(kernel: str) -> Path:
    """Where this installation has its kernelspec. A checkout writes it into its environment, and pip knows nothing of it."""
    file = f"kernels/{kernel}/kernel.json"
    for installed in metadata.files("ferrobook") or []:
        if str(installed).endswith(file):
            return Path(installed.locate()).resolve().parent
    return (Path(sys.prefix) / "share" / "jupyter" / file).resolve().parent


def lab_extension() -> Iterator[Check]:
    """As `jupyter labextension list` sees it."""
    name = "JupyterLab"
    try:
        version = metadata.version("jupyterlab")
    except metadata.PackageNotFoundError:
        yield Check(
            name,
            "warning",
            "not in this environment; notebooks run without it, and in other frontends",
            f"{sys.executable} -m pip install jupyterlab",
        )
        return
    ran = run(sys.executable, "-m", "jupyterlab.labextensions", "list")
    if ran.code != 0:
        reinstall = f"{sys.executable} -m pip install --force-reinstall jupyterlab"
        yield Check(name, "problem", f"JupyterLab {version} does not run: {ran.reason}", reinstall)
        return
    yield Check(name, "ok", version)
    yield _extension("JupyterLab extension", version, _ANSI.sub("", ran.stdout + ran.stderr))


def _extension(name: str, version: str, listing: str) -> Check:
    lines = [line.strip() for line in listing.splitlines()]
    entry = next((line for line in lines if line.startswith(f"{EXTENSION} v")), None)
    if entry is None:
        return Check(name, "problem", "not installed", Installation.find().repair)
    _, own, enabled, fits, *_ = entry.split()
    if fits != "OK":
        wanted = _supported()
        found = f"{own} is made for JupyterLab {wanted}, and this is {version}"
        install = f"{sys.executable} -m pip install 'jupyterlab{_for_pip(wanted)}'"
        return Check(name, "problem", found, install)
    # A plugin of it can be disabled by itself, under a name that begins with the extension's.
    is_off = any(re.match(rf"{re.escape(EXTENSION)}:\S+( |$)", line) for line in lines)
    if enabled != "enabled" or is_off:
        enable = f"jupyter labextension enable {EXTENSION}"
        return Check(name, "problem", f"{own} is disabled", enable)
    return Check(name, "ok", f"{own}, enabled")


def _for_pip(wanted: str) -> str:
    """npm's `^4.6.0`, which is anything up to the next major version, in pip's words."""
    oldest = wanted.lstrip("^~")
    return f">={oldest},<{int(oldest.split('.')[0]) + 1}"


def _supported() -> str:
    """The versions of JupyterLab, as npm writes them, that the extension asks for."""
    from jupyter_core.paths import jupyter_path

    manifests = map(Path, jupyter_path("labextensions", *EXTENSION.split("/"), "package.json"))
    manifest = next(path for path in manifests if path.exists())
    dependencies = json.loads(manifest.read_text(encoding="utf-8"))["dependencies"]
    return dependencies["@jupyterlab/application"]
