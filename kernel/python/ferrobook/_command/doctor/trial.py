"""A kernel is started, and runs a cell of each language."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ferrobook._command.doctor.check import Check

if TYPE_CHECKING:
    from jupyter_client import BlockingKernelClient

#: Seconds for the kernel to come up, and for a cell; rustc may have to be read from a slow disk.
_START, _CELL = 60, 180

_REPORT = "mend what is a problem above; if there is none, report this, with the log that %ferrobook status names"


def run() -> Iterator[Check]:
    """Ends with the kernel shut down, whatever has happened."""
    from jupyter_client import KernelManager
    from jupyter_client.kernelspec import NoSuchKernel

    manager = KernelManager(kernel_name="ferrobook")
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory() as directory:
        started = time.monotonic()
        try:
            manager.start_kernel(stderr=errors, cwd=directory)
            client = manager.blocking_client()
            client.start_channels()
            try:
                client.wait_for_ready(timeout=_START)
                took = _since(started)
                yield Check("kernel", "ok", "starts", ms=took)
                yield from _cells(client)
            finally:
                client.stop_channels()
        except (NoSuchKernel, OSError, RuntimeError) as error:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            yield Check("kernel", "problem", f"fails: {said[-1] if said else error}", _REPORT)
        finally:
            if manager.has_kernel:
                manager.shutdown_kernel()


def _cells(client: BlockingKernelClient) -> Iterator[Check]:
    yield _cell(client, "Python cell", "6 * 7")
    rust = _cell(client, "Rust cell", "%%rust\nlet kept = 41;\nkept + 1")
    yield rust
    if rust.status != "ok":
        return
    crash, *_ = _execute(client, "%%rust\nstd::process::abort();")
    after, value, _ = _execute(client, "%%rust\nkept + 1")
    if crash["status"] == "error" and after["status"] == "ok" and value == "42":
        yield Check("Rust crash", "ok", "costs no variables")
    else:
        found = f"costs the variables: {after.get('evalue', value)}"
        yield Check("Rust crash", "warning", found, "unset FERROBOOK_SNAPSHOT_LIMIT")


def _cell(client: BlockingKernelClient, name: str, code: str) -> Check:
    started = time.monotonic()
    reply, value, phases = _execute(client, code)
    took = _since(started)
    if reply["status"] != "ok":
        return Check(name, "problem", f"{reply['ename']}: {reply['evalue']}", _REPORT)
    if value != "42":
        return Check(name, "problem", f"showed {value!r} instead of 42", _REPORT)
    return Check(name, "ok", f"runs: {phases}", ms=took)


def _execute(client: BlockingKernelClient, code: str) -> tuple[dict[str, Any], str | None, str]:
    """The reply, the value that the cell showed, and its times in words."""
    shown: list[str] = []

    def on_output(message: dict[str, Any]) -> None:
        if message["msg_type"] == "execute_result":
            shown.append(message["content"]["data"]["text/plain"])

    reply = client.execute_interactive(
        code, allow_stdin=False, store_history=False, output_hook=on_output, timeout=_CELL
    )
    record = reply["metadata"].get("ferrobook", {}).get("timing", {})
    phases = [f"{phase['name']} {phase['ms']:.1f} ms" for phase in record.get("phases", [])]
    return reply["content"], shown[0] if shown else None, ", ".join(phases)


def _since(started: float) -> float:
    return (time.monotonic() - started) * 1000
