"""What the snapshot before each Rust cell costs, by how much the cells hold.

``npm run bench -- snapshots``. Each size is measured with and without a snapshot, in turns, in one kernel. The figures are
the kernel's own: the phase ``snapshot`` of a cell that changes nothing, and the phase ``run`` of one that writes to every
page, where each page costs a fault and a copy as long as the snapshot shares it.
"""

from __future__ import annotations

import statistics

from bench_kernel import Kernel, kernel
from figures import Effort, Results

#: Bytes of state; the machine needs twice the largest, for the copy.
SIZES = (0, 200 << 20, 2 << 30, 8 << 30)
ROUNDS = 8
REWRITE = "for x in state.iter_mut() { *x += 1.0; }"


def phases(running: Kernel, code: str) -> dict[str, float]:
    """Run a Rust cell and return the milliseconds of its phases."""
    reply = running.reply(code)
    timing = reply["metadata"]["ferrobook"]["timing"]
    return {phase["name"]: phase["ms"] for phase in timing["phases"]}


def measure(effort: Effort) -> Results:
    """The table, in Markdown."""
    lines = [
        "| state | snapshot | rewrite all, without | with a snapshot | ratio |",
        "|---:|---:|---:|---:|---:|",
    ]
    # The usual limit would leave the largest without a snapshot.
    environment = {"FERROBOOK_SNAPSHOT_LIMIT": "64GB"}
    for size in SIZES:
        with kernel("ferrobook-rust", environment) as running:
            phases(running, f"let mut state = vec![1.0f64; {size // 8}];")
            phases(running, REWRITE)
            copies, without, with_one = [], [], []
            for _ in range(effort.rounds(ROUNDS)):
                copies.append(phases(running, "state.len();").get("snapshot"))
                without.append(phases(running, f"%%rust --no-snapshot\n{REWRITE}")["run"])
                with_one.append(phases(running, REWRITE)["run"])
        if None in copies:
            lines.append(f"| {shown(size)} | not taken: too little memory is free | | | |")
            continue
        copy, plain, copied = map(statistics.median, (copies, without, with_one))
        ratio = f"{copied / plain:.2f}" if size else ""
        lines.append(
            f"| {shown(size)} | {copy:.2f} ms | {plain:.1f} ms | {copied:.1f} ms | {ratio} |"
        )
    return Results(tables=["## Snapshots\n\n" + "\n".join(lines)])


def shown(size: int) -> str:
    """A size as people read it."""
    return f"{size / (1 << 30):.1f} GiB"
