"""Kernels to be measured, and cells run in them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

#: Seconds that anything may take; a flood of 100 MB is the longest.
TIMEOUT = 300


@contextmanager
def kernel(name: str) -> Iterator[BlockingKernelClient]:
    """A started kernel that answers."""
    manager = KernelManager(kernel_name=name)
    # Kernels say on stderr what belongs into no report.
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)


def reply_to(client: BlockingKernelClient, code: str) -> dict[str, Any]:
    """Execute ``code``, wait for idle and return the reply."""
    request = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=TIMEOUT)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
    while True:
        reply = client.get_shell_msg(timeout=TIMEOUT)
        if reply["parent_header"].get("msg_id") == request:
            return reply


def run(client: BlockingKernelClient, code: str) -> float:
    """Execute ``code``, wait for its reply and for idle, and return the milliseconds that it took."""
    started = time.perf_counter()
    reply_to(client, code)
    return (time.perf_counter() - started) * 1000
