"""The speed of compiled cells next to the same code in a crate built by ``cargo build --release``."""

from __future__ import annotations

import subprocess

from bench_kernel import kernel
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
    results = Results()
    with kernel("ferrobook-rust") as ours:
        ours.run(FUNCTIONS)
        for name, (function, argument) in CALLS.items():
            code = timed(function, argument)
            program = release_crate(f"{FUNCTIONS}\nfn main() {{\n{code}}}\n")

            def peer(_: int, program=program) -> float:
                output = subprocess.run(
                    [program], capture_output=True, text=True, check=True
                ).stdout
                return int(output) / 1e6

            samples = in_turns(
                effort.rounds(12), lambda _, code=code: int(ours.printed(code)) / 1e6, peer
            )
            title = f"Run time of Rust code: {name}"
            results.figures.append(Figure(title, "cargo build --release", *samples, 1.02))
    return results
