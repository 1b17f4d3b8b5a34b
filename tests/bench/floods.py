"""What a flood of output costs the kernel in memory: it must hand on what it cannot hold.

``npm run bench -- floods``. The kernel is the Node process between the clients and the languages; its resident memory is
looked at while a cell writes as fast as it can.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from bench_kernel import Kernel, kernel
from figures import Effort, Results
from python_cells import DISPLAYS, STDOUT

#: Seconds between two looks.
EVERY = 0.01

FLOODS = {
    "Python: 100 MB on stdout": STDOUT.format(megabytes=100),
    "Python: 20,000 displays": DISPLAYS.format(count=20_000),
    "Rust: 100 MB on stdout": """%%rust
use std::io::Write;
let line = ["x".repeat(99), "\\n".into()].concat();
let mut out = std::io::stdout().lock();
for _ in 0..1_000_000 { out.write_all(line.as_bytes()).unwrap(); }
drop(out);""",
    "Rust: 20,000 displays": """%%rust
for number in 0..20_000 {
    println!("EVCXR_BEGIN_CONTENT text/plain\\n{number}\\nEVCXR_END_CONTENT");
}""",
}


def measure(effort: Effort) -> Results:
    """The table, in Markdown."""
    lines = [
        "| flood | takes | kernel's memory before | most while it lasts |",
        "|---|---:|---:|---:|",
    ]
    with kernel("ferrobook") as running:
        running.run("%%rust\n1")
        for name, code in FLOODS.items():
            before = megabytes(running)
            peaks, times = [], []
            for _ in range(effort.rounds(4)):
                with watch(running) as seen:
                    times.append(running.run(code))
                peaks.append(max(seen))
            lines.append(
                f"| {name} | {min(times) / 1000:.2f} s | {before:.0f} MB | {max(peaks):.0f} MB |"
            )
    return Results(tables=["## Floods\n\n" + "\n".join(lines)])


def megabytes(running: Kernel) -> float:
    """Resident memory of the kernel itself, without its children."""
    return psutil.Process(running.manager.provisioner.pid).memory_info().rss / (1 << 20)


@contextmanager
def watch(running: Kernel) -> Iterator[list[float]]:
    """The kernel's memory at each look while the body runs."""
    seen = [megabytes(running)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            seen.append(megabytes(running))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()
