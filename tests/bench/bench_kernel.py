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


class Kernel:
    """A running kernel and its client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def reply(self, code: str) -> dict[str, Any]:
        """Execute ``code``, wait for idle and return the reply. An error is raised, with what it says."""
        request = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "error":
                raise RuntimeError(f"{code}\n" + "\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == request:
                return reply

    def run(self, code: str) -> float:
        """Execute ``code``, wait for its reply and for idle, and return the milliseconds that it took."""
        started = time.perf_counter()
        self.reply(code)
        return (time.perf_counter() - started) * 1000

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
                raise RuntimeError("\n".join(message["content"]["traceback"]))
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


@contextmanager
def kernel(name: str, environment: dict[str, str] | None = None) -> Iterator[Kernel]:
    """A started kernel that answers."""
    manager = KernelManager(kernel_name=name)
    # Kernels say on stderr what belongs into no report.
    manager.start_kernel(stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)


def start_to_first(name: str, code: str, environment: dict[str, str] | None = None) -> float:
    """Milliseconds from starting kernel ``name`` until ``code`` has run in it."""
    started = time.perf_counter()
    with kernel(name, environment) as running:
        running.run(code)
        return (time.perf_counter() - started) * 1000
