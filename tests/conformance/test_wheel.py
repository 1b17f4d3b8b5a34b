"""The wheel on its own: built, installed into an empty environment, and both languages run."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, which takes its dependencies from the one that runs the tests."""
    wheels = tmp_path_factory.mktemp("wheels")
    _pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(ROOT))
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    (wheel,) = wheels.glob("ferrobook-*.whl")
    _pip(str(place / "bin" / "python"), "install", "--no-deps", str(wheel))
    (packages,) = (place / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def _pip(python: str, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], check=True, cwd=ROOT)


def test_both_languages_run_in_the_environment_of_the_wheel(environment: Path) -> None:
    specs = KernelSpecManager(kernel_dirs=[str(environment / "share" / "jupyter" / "kernels")])
    assert {"ferrobook", "ferrobook-rust"} <= set(specs.find_kernel_specs())
    manager = KernelManager(kernel_name="ferrobook", kernel_spec_manager=specs)
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        python = client.execute_interactive(
            "1", user_expressions={"python": "__import__('sys').executable"}, timeout=60
        )
        found = python["content"]["user_expressions"]["python"]["data"]["text/plain"]
        assert found == repr(str(environment / "bin" / "python"))
        rust = client.execute_interactive(
            "%%rust\n:dep ferrobook\nassert_eq!(1 + 1, 2);", timeout=120
        )
        assert rust["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_the_extension_and_the_logos_are_there(environment: Path) -> None:
    shared = environment / "share" / "jupyter"
    assert (shared / "labextensions" / "@ferrobook" / "extension" / "package.json").is_file()
    assert (shared / "kernels" / "ferrobook" / "logo-svg.svg").is_file()
