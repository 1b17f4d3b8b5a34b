"""The wheel on its own: built, installed into an empty environment, used, and removed again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from live_kernel import LiveKernel
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `npm run wheel` makes."""
    wheels = tmp_path_factory.mktemp("wheels")
    _pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(ROOT))
    [wheel] = wheels.glob("ferrobook-*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel."""
    place = empty_environment(tmp_path_factory.mktemp("environment"))
    _pip(str(place / "bin" / "python"), "install", "--no-deps", str(wheel))
    return place


def empty_environment(place: Path) -> Path:
    """A virtual environment that takes its packages from the one that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    [packages] = (place / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def _pip(python: str, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], check=True, cwd=ROOT)


def ferrobook(environment: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command that the wheel installs."""
    command = [environment / "bin" / "ferrobook", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=570)


def kernelspecs_of(environment: Path) -> KernelSpecManager:
    return KernelSpecManager(kernel_dirs=[str(environment / "share" / "jupyter" / "kernels")])


def test_both_languages_run_in_the_environment_of_the_wheel(environment: Path) -> None:
    specs = kernelspecs_of(environment)
    assert {"ferrobook", "ferrobook-rust"} <= set(specs.find_kernel_specs())
    with LiveKernel.start("ferrobook", kernel_spec_manager=specs) as live:
        python = live.succeed("import sys; sys.executable")
        assert python.result["text/plain"] == repr(str(environment / "bin" / "python3"))
        live.succeed("%%rust\n:dep ferrobook\nassert_eq!(1 + 1, 2);", timeout=500)


def test_without_rust_a_rust_cell_says_what_is_missing_and_python_goes_on(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = shutil.which("node")
    assert node is not None
    (tmp_path / "node").symlink_to(node)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CARGO_HOME", raising=False)
    assert shutil.which("cargo") is None

    with LiveKernel.start("ferrobook", kernel_spec_manager=kernelspecs_of(environment)) as live:
        rust = live.run("%%rust\n1 + 1").content
        assert rust["ename"] == "ToolchainMissing"
        assert "`cargo` was not found on PATH or in ~/.cargo/bin" in rust["evalue"]
        assert "Install Rust with rustup, see https://rustup.rs" in "\n".join(rust["traceback"])
        assert live.succeed("6 * 7").result["text/plain"] == "42"


def test_the_extension_and_the_logos_are_there(environment: Path) -> None:
    shared = environment / "share" / "jupyter"
    assert (shared / "labextensions" / "@ferrobook" / "extension" / "package.json").is_file()
    assert (shared / "kernels" / "ferrobook" / "logo-svg.svg").is_file()


def test_the_doctor_looks_at_this_installation(environment: Path) -> None:
    done = ferrobook(environment, "doctor", "--quick", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert {name: check for name, check in checks.items() if check["status"] != "ok"} == {}
    assert checks["kernel ferrobook"]["found"].startswith(str(environment))
    assert str(environment) in checks["Rust programs"]["found"]


def test_the_doctor_says_how_to_repair_a_damaged_installation(environment: Path) -> None:
    [runtime] = environment.glob("lib/python*/site-packages/ferrobook/_runtime/ferrobook-runtime")
    aside = runtime.with_suffix(".aside")
    runtime.rename(aside)
    try:
        runtime.write_text("no program\n")
        runtime.chmod(0o755)
        done = ferrobook(environment, "doctor", "--quick", "--json")
    finally:
        aside.replace(runtime)
    assert done.returncode == 1
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert "ferrobook-runtime does not start" in checks["Rust programs"]["found"]
    assert "pip install --force-reinstall" in checks["Rust programs"]["mend"]


def files_of(environment: Path) -> set[str]:
    """All files of an environment; pip leaves empty folders behind."""
    return {str(path.relative_to(environment)) for path in environment.rglob("*") if path.is_file()}


def test_no_file_of_an_uninstalled_wheel_remains(wheel: Path, tmp_path: Path) -> None:
    place = empty_environment(tmp_path / "environment")
    python = str(place / "bin" / "python")
    before = files_of(place)
    _pip(python, "install", "--no-deps", str(wheel))
    assert len(files_of(place)) > len(before) + 20

    cells = [new_code_cell("sum([1, 2])"), new_code_cell("%%rust\n:dep ferrobook\n1 + 2")]
    kernelspec = {"name": "ferrobook", "display_name": "Python + Rust"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernelspec})
    nbformat.write(notebook, tmp_path / "mixed.ipynb")
    done = ferrobook(place, "run", tmp_path / "mixed.ipynb")
    assert done.returncode == 0, done.stderr
    assert ferrobook(place, "doctor", "--quick").returncode == 0

    _pip(python, "uninstall", "-y", "ferrobook")
    assert files_of(place) == before
