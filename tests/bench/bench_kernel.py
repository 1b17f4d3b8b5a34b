"""Kernels to be measured, and cells run in them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

#: Seconds that anything may take; the first build of a large crate is the longest.
TIMEOUT = 600

#: Seconds for which ours may still be busy with what it does for later cells.
WARM_UP = 8


class CellError(Exception):
    """A cell failed, with this traceback."""


class Kernel:
    """A running kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        #: How many cells' compiled code came from Ferrobook's cache.
        self.cached = 0

    def reply(self, code: str) -> dict[str, Any]:
        """Execute ``code``, wait for idle and return the reply. An error is raised, when all is over."""
        request = self.client.execute(code)
        failure = None
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "error":
                failure = "\n".join([code, *message["content"]["traceback"]])
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == request:
                if failure is not None:
                    raise CellError(failure)
                self.cached += timing(reply).get("cached", False)
                return reply

    def run(self, code: str) -> float:
        """Execute ``code``, wait for its reply and for idle, and return the milliseconds that it took."""
        started = time.perf_counter()
        self.reply(code)
        return (time.perf_counter() - started) * 1000

    def run_new(self, code: str) -> float:
        """Like :meth:`run`, for code that must be compiled: a figure of a cached answer would be another figure."""
        before = self.cached
        took = self.run(code)
        if self.cached > before:
            raise RuntimeError(
                f"this cell should have been compiled, but it came from the cache:\n{code}"
            )
        return took

    def printed(self, code: str) -> str:
        """What ``code`` prints on stdout."""
        request = self.client.execute(code)
        text = ""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                text += message["content"]["text"]
            if message["msg_type"] == "error":
                raise CellError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                self.client.get_shell_msg(timeout=TIMEOUT)
                return text

    def memory(self) -> float:
        """Megabytes that the kernel's processes hold; what they share is counted once (PSS)."""
        root = psutil.Process(self.manager.provisioner.pid)
        total = 0
        for process in [root, *root.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except (psutil.NoSuchProcess, AttributeError):
                continue
        return total / (1 << 20)


def timing(reply: dict[str, Any]) -> dict[str, Any]:
    """Ferrobook's record of a cell; nothing in the replies of other kernels."""
    return reply["metadata"].get("ferrobook", {}).get("timing", {})


@contextmanager
def kernel(name: str, environment: dict[str, str] | None = None) -> Iterator[Kernel]:
    """A started kernel that answers."""
    manager = KernelManager(kernel_name=name)
    # Kernels say what belongs into no report.
    nowhere = subprocess.DEVNULL
    manager.start_kernel(stdout=nowhere, stderr=nowhere, env={**os.environ, **(environment or {})})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)


def start_to_results(name: str, *cells: str) -> list[float]:
    """Milliseconds from starting kernel ``name`` until each of the cells, one after the other, has run in it."""
    started = time.perf_counter()
    results = []
    with kernel(name) as running:
        for code in cells:
            running.run_new(code)
            results.append((time.perf_counter() - started) * 1000)
    return results
