"""Memory of idle kernels."""

from __future__ import annotations

import time

from bench_kernel import kernel
from figures import Effort, Figure, Results
from peers import EVCXR_KERNEL, EVCXR_NAME

#: Seconds after which what a kernel does in the background is over.
SETTLED = 15


def idle(effort: Effort) -> Results:
    """Both languages used once, then nothing, next to the two kernels that one would need otherwise."""
    with kernel("ferrobook") as ours, kernel("python3") as python, kernel(EVCXR_KERNEL) as rust:
        ours.run("1")
        ours.run("%%rust\n1")
        python.run("1")
        rust.run("1")
        time.sleep(SETTLED / 3 if effort.quick else SETTLED)
        peer = python.memory() + rust.memory()
        figure = Figure(
            "Memory of an idle kernel with both languages",
            f"ipykernel + {EVCXR_NAME}",
            [ours.memory()],
            [peer],
            unit="MB",
        )
    return Results([figure])
