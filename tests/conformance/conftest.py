"""What all conformance tests share: a private environment, live kernels, and the rule that nothing is skipped."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_kernel import LiveKernel

#: Reports that a skipped test, subtest or module leaves behind.
Report = pytest.TestReport | pytest.CollectReport


def pytest_configure() -> None:
    """Keep the runs away from the user's own IPython history and runtime files.

    The history tests count what they find, so they need a history that is theirs alone.
    """
    private = tempfile.mkdtemp(prefix="ferrobook-conformance-")
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        directory = Path(private, variable.lower())
        directory.mkdir()
        os.environ[variable] = str(directory)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A skip is a failure: jupyter_kernel_test skips what a kernel does not claim to do, and ours claims all of it."""
    _fail_if_skipped(report)


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A module that skips itself fails too."""
    _fail_if_skipped(report)


def _fail_if_skipped(report: Report) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{reason}\nConformance tests must not be skipped."


@pytest.fixture(scope="module")
def kernel() -> Iterator[LiveKernel]:
    """A `ferrobook` kernel that the tests of a module share, so they must not depend on each other's names."""
    with LiveKernel.start("ferrobook") as live:
        yield live
