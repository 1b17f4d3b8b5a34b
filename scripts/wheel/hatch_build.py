"""Puts what set-up has built into the wheel: the kernel, the Rust programs, the JupyterLab extension.

``npm run wheel`` calls this by way of hatchling. An editable installation gets nothing: there the
checkout's own files are used.
"""

from __future__ import annotations

import json
import platform
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: The kernelspecs run Python by a path from their own folder: that of the environment they lie in. Every environment has this
#: name, and not all have `python`.
PYTHON = "{resource_dir}/../../../../bin/python3"


class FerrobookBuildHook(BuildHookInterface):
    """Adds files to the wheel by their place in it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        generated = root / "target-wheel"
        files = self._package_files(root)
        nbconvert = root / "scripts" / "nbconvert" / "jupyter_nbconvert_config.json"
        extension = "share/jupyter/labextensions/@ferrobook/extension"
        shared = {
            root / "extension" / "labextension": extension,
            self._install_json(generated): f"{extension}/install.json",
            nbconvert: f"etc/jupyter/{nbconvert.name}",
        }
        package = root / "kernel" / "python" / "ferrobook"
        notebook = json.loads((package / "notebook.json").read_text(encoding="utf-8"))
        for spec in notebook["kernelspecs"]:
            name = spec["name"]
            place = f"share/jupyter/kernels/{name}"
            for logo in sorted((root / "scripts" / "kernelspecs" / name).iterdir()):
                shared[logo] = f"{place}/{logo.name}"
            shared[self._kernelspec(generated, spec)] = f"{place}/kernel.json"
        missing = [str(path) for path in (*files, *shared) if not path.exists()]
        if missing:
            raise FileNotFoundError(f"not built yet: {', '.join(missing)}. Run `npm run wheel`")
        build_data["force_include"].update({str(path): place for path, place in files.items()})
        build_data["shared_data"].update({str(path): place for path, place in shared.items()})
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform_tag()}"

    @staticmethod
    def _package_files(root: Path) -> dict[Path, str]:
        programs = root / "rust-runtime" / "target" / "release"
        modules = root / "node_modules"
        zeromq = modules / "zeromq"
        addon = zeromq / "build" / _addon(zeromq / "build" / "manifest.json")
        inside = "ferrobook/_kernel/node_modules"
        scripts = {
            path: f"{inside}/zeromq/lib/{path.name}" for path in (zeromq / "lib").glob("*.js")
        }
        return scripts | {
            root / "kernel" / "dist" / "ferrobook-kernel.cjs": (
                "ferrobook/_kernel/dist/ferrobook-kernel.cjs"
            ),
            zeromq / "package.json": f"{inside}/zeromq/package.json",
            zeromq / "LICENSE.txt": f"{inside}/zeromq/LICENSE.txt",
            zeromq / "LICENSE_MPL-2.0.txt": f"{inside}/zeromq/LICENSE_MPL-2.0.txt",
            zeromq / "build" / "manifest.json": f"{inside}/zeromq/build/manifest.json",
            addon: f"{inside}/{addon.relative_to(modules)}",
            modules / "cmake-ts" / "package.json": f"{inside}/cmake-ts/package.json",
            modules / "cmake-ts" / "build" / "loader.js": f"{inside}/cmake-ts/build/loader.js",
            programs / "ferrobook-runtime": "ferrobook/_runtime/ferrobook-runtime",
            programs / "ferrobook-cell": "ferrobook/_runtime/ferrobook-cell",
            programs / "ferrobook-shim": "ferrobook/_runtime/ferrobook-shim",
            programs / "ferrobook-rustc": "ferrobook/_runtime/ferrobook-rustc",
            # `:dep ferrobook` finds the crate beside the programs.
            root / "rust-runtime" / "ferrobook": "ferrobook/_runtime/ferrobook",
        }

    @staticmethod
    def _install_json(directory: Path) -> Path:
        """Tells JupyterLab's extension manager whose the extension is ("Packaging extensions" in its documentation)."""
        owner = {
            "packageManager": "python",
            "packageName": "ferrobook",
            "uninstallInstructions": "pip uninstall ferrobook",
        }
        return _write_json(directory / "install.json", owner)

    @staticmethod
    def _kernelspec(directory: Path, spec: dict[str, str]) -> Path:
        kernel = {
            "argv": [
                PYTHON,
                "-m",
                "ferrobook._bridge.kernel",
                "--connection-file",
                "{connection_file}",
                "--default-language",
                spec["defaultLanguage"],
            ],
            "display_name": spec["displayName"],
            "language": spec["defaultLanguage"],
            "interrupt_mode": "message",
            "metadata": {"debugger": True, "supported_encryption": "curve"},
        }
        return _write_json(directory / spec["name"] / "kernel.json", kernel)


def _write_json(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
    return path


def _addon(manifest: Path) -> str:
    """The one native library of zeromq that its loader takes on this platform, of the many that its package holds.

    It tries those that the manifest names, the newest Node-API version first, and that runs in every Node.js that we support.
    """
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    libc = "libc" if system == "darwin" else (platform.libc_ver()[0] or "musl")
    entries = [(json.loads(key), path) for key, path in json.loads(manifest.read_text()).items()]
    fitting = [
        (config["abi"], path)
        for config, path in entries
        if (config["os"], config["arch"], config["libc"]) == (system, machine, libc)
    ]
    return max(fitting)[1]


def _platform_tag() -> str:
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
