"""What the snapshot before each Rust cell costs, by how much the cells hold.

``npm run bench -- snapshots``. Each size is measured with and without a snapshot, in turns, in one kernel. The figures are
the kernel's own: the phase ``snapshot`` of a cell that changes nothing, and the phase ``run`` of one that writes to every
page, where each page costs a fault and a copy as long as the snapshot shares it.
"""

from __future__ import annotations

import os
import statistics

from bench_kernel import kernel, reply_to
from jupyter_client.blocking.client import BlockingKernelClient

#: Bytes of state; the machine needs twice the largest, for the copy.
SIZES = (0, 200 << 20, 2 << 30, 8 << 30)
ROUNDS = 5
REWRITE = "for x in state.iter_mut() { *x += 1.0; }"


def phases(client: BlockingKernelClient, code: str) -> dict[str, float]:
    """Run a Rust cell and return the milliseconds of its phases."""
    reply = reply_to(client, code)
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"]["traceback"]))
    timing = reply["metadata"]["ferrobook"]["timing"]
    return {phase["name"]: phase["ms"] for phase in timing["phases"]}


def measure() -> str:
    """The table, in Markdown."""
    lines = [
        "| state | snapshot | rewrite all, without | with a snapshot | ratio |",
        "|---:|---:|---:|---:|---:|",
    ]
    # The usual limit would leave the largest without a snapshot.
    os.environ["FERROBOOK_SNAPSHOT_LIMIT"] = "64GB"
    for size in SIZES:
        with kernel("ferrobook-rust") as client:
            phases(client, f"let mut state = vec![1.0f64; {size // 8}];")
            phases(client, REWRITE)
            copies, without, with_one = [], [], []
            for _ in range(ROUNDS):
                copies.append(phases(client, "state.len();").get("snapshot"))
                without.append(phases(client, f"%%rust --no-snapshot\n{REWRITE}")["run"])
                with_one.append(phases(client, REWRITE)["run"])
        if None in copies:
            lines.append(f"| {shown(size)} | not taken: too little memory is free | | | |")
            continue
        copy, plain, copied = map(statistics.median, (copies, without, with_one))
        ratio = f"{copied / plain:.2f}" if size else ""
        lines.append(
            f"| {shown(size)} | {copy:.2f} ms | {plain:.1f} ms | {copied:.1f} ms | {ratio} |"
        )
    del os.environ["FERROBOOK_SNAPSHOT_LIMIT"]
    return "\n".join(lines)


def shown(size: int) -> str:
    """A size as people read it."""
    return f"{size / (1 << 30):.1f} GiB"
