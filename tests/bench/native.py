"""The speed of compiled cells next to the same code in a crate built by ``cargo build --release``."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench_kernel import Kernel, kernel
from figures import Effort, Figure, Results, in_turns
from peers import release_crate

FUNCTIONS = """
#[inline(never)]
pub fn collatz(limit: u64) -> u64 {
    let mut longest = 0;
    for start in 1..limit {
        let (mut n, mut steps) = (start, 0);
        while n != 1 { n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 }; steps += 1; }
        longest = longest.max(steps);
    }
    longest
}
#[inline(never)]
pub fn multiply(size: usize) -> f64 {
    let a: Vec<f64> = (0..size * size).map(|i| (i % 7) as f64).collect();
    let b: Vec<f64> = (0..size * size).map(|i| (i % 5) as f64).collect();
    let mut c = vec![0.0; size * size];
    for i in 0..size { for k in 0..size { for j in 0..size { c[i * size + j] += a[i * size + k] * b[k * size + j]; } } }
    c.iter().sum()
}
#[inline(never)]
pub fn sort(size: u64) -> u64 {
    let mut state = 1_u64;
    let mut values: Vec<u64> = (0..size).map(|_| { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state }).collect();
    values.sort();
    values[values.len() / 2]
}
"""

#: What is timed, by the name of its row: a function and its argument.
CALLS = {
    "an integer loop": ("collatz", "600_000"),
    "a matrix product": ("multiply", "400"),
    "a sort": ("sort", "2_000_000"),
}


def timed(function: str, argument: str) -> str:
    """Code that prints how many nanoseconds a call takes."""
    return (
        "let started = std::time::Instant::now();\n"
        f"std::hint::black_box({function}(std::hint::black_box({argument})));\n"
        'println!("{}", started.elapsed().as_nanos());\n'
    )


def speed(effort: Effort) -> Results:
    """Run time alone, as the code itself measures it."""
    rounds = effort.rounds(12)
    programs = {
        name: release_crate(f"{FUNCTIONS}\nfn main() {{\n{timed(*call)}}}\n")
        for name, call in CALLS.items()
    }
    with kernel("ferrobook-rust") as usual:
        usual.run(FUNCTIONS)
        figures = [
            Figure(
                f"Run time of Rust code: {name}",
                "cargo build --release",
                *next_to(usual, timed(*call), programs[name], rounds),
                1.02,
            )
            for name, call in CALLS.items()
        ]
    with kernel("ferrobook-rust", {"FERROBOOK_TARGET_CPU": "native"}) as native:
        native.run(FUNCTIONS)
        name = "a matrix product"
        figures.append(
            Figure(
                f"Run time of Rust code: {name}, for this processor",
                "cargo build --release",
                *next_to(native, timed(*CALLS[name]), programs[name], rounds),
                note="with FERROBOOK_TARGET_CPU=native; the peer is built for any processor",
            )
        )
    return Results(figures)


def next_to(
    running: Kernel, code: str, program: Path, rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds in a cell and in a program, in turns."""

    def peer(_: int) -> float:
        output = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        return int(output) / 1e6

    return in_turns(rounds, lambda _: int(running.printed(code)) / 1e6, peer)
