"""What all conformance tests share: an environment of their own, a live kernel, and that nothing is skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_kernel import LiveKernel
from no_skips import pytest_make_collect_report, pytest_runtest_makereport

__all__ = ["kernel", "pytest_configure", "pytest_make_collect_report", "pytest_runtest_makereport"]


def pytest_configure(config: pytest.Config) -> None:
    """Keep away from the user's own IPython history, settings, running kernels and compiled cells.

    The history tests count what they find, so they need a history that is theirs alone.
    """
    private = tempfile.mkdtemp(prefix="ferrobook-conformance-")
    config.add_cleanup(lambda: shutil.rmtree(private, ignore_errors=True))
    for variable in (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_RUNTIME_DIR",
        "FERROBOOK_CACHE_DIR",
    ):
        directory = Path(private, variable.lower())
        directory.mkdir()
        os.environ[variable] = str(directory)


@pytest.fixture(scope="module")
def kernel() -> Iterator[LiveKernel]:
    """A `ferrobook` kernel that the tests of a module share: they must not depend on each other's names."""
    with LiveKernel.start("ferrobook") as live:
        yield live
