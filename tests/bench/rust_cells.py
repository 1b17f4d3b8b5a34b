"""Rust cells next to evcxr's own kernel. Unless a row says otherwise, each cell is a new one that has to be compiled."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

from bench_kernel import Kernel, kernel, start_to_first
from figures import Curve, Effort, Figure, Results, in_turns
from peers import EVCXR_KERNEL, EVCXR_NAME

OURS = "ferrobook-rust"

#: A cell of 40 lines whose generic code has to be compiled for three types.
GENERIC = """
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix{n}<T> {{ rows: usize, columns: usize, values: Vec<T> }}

impl<T> Matrix{n}<T>
where
    T: Copy + Default + std::ops::Add<Output = T> + std::ops::Mul<Output = T> + PartialOrd,
{{
    pub fn new(rows: usize, columns: usize, fill: impl Fn(usize, usize) -> T) -> Self {{
        let mut values = Vec::with_capacity(rows * columns);
        for row in 0..rows {{
            for column in 0..columns {{
                values.push(fill(row, column));
            }}
        }}
        Self {{ rows, columns, values }}
    }}

    pub fn times(&self, other: &Self) -> Self {{
        Self::new(self.rows, other.columns, |row, column| {{
            (0..self.columns).fold(T::default(), |sum, at| {{
                sum + self.values[row * self.columns + at] * other.values[at * other.columns + column]
            }})
        }})
    }}

    pub fn largest(&self) -> Option<T> {{
        self.values.iter().copied().fold(None, |best, value| match best {{
            Some(known) if known >= value => Some(known),
            _ => Some(value),
        }})
    }}
}}

let small = Matrix{n}::<i32>::new(3, 3, |row, column| (row * column) as i32);
let large = Matrix{n}::<f64>::new(4, 4, |row, column| row as f64 / (column + 1) as f64);
let bytes = Matrix{n}::<u16>::new(2, 2, |row, column| (row + column) as u16);
println!("{{:?}} {{:?}} {{:?}}", small.times(&small).largest(), large.times(&large).largest(), bytes.times(&bytes).largest());
"""

#: What a person runs again and again.
NOTEBOOK = [
    ':dep itoa = "1"',
    "use std::collections::BTreeMap;",
    "fn fibonacci(n: u32) -> u64 { (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0 }",
    "let numbers: Vec<u64> = (0..50).map(fibonacci).collect();",
    "numbers.iter().sum::<u64>()",
    "let mut counts: BTreeMap<usize, u32> = BTreeMap::new();\n"
    "for number in &numbers { *counts.entry(number.to_string().len()).or_default() += 1; }",
    "counts",
    'println!("{}", itoa::Buffer::new().format(numbers[40]));',
    'let text = numbers.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(" ");',
    "text.len()",
]


def cells(effort: Effort) -> Results:
    """The round trip of small cells, and of one with much generic code."""
    rounds = effort.rounds(30)
    kinds: list[tuple[str, float | None, Callable[[int], str]]] = [
        ("Rust: an expression", 0.6, lambda n: f"{n} + {n}"),
        ("Rust: a `let`", 0.9, lambda n: f"let a{n} = {n};"),
        ("Rust: `println!`", 0.9, lambda n: f'println!("{{}}", {n});'),
        ("Rust: 40 lines of generic code", None, lambda n: GENERIC.format(n=n)),
    ]
    results = Results()
    for name, target, code in kinds:
        with kernel(OURS) as ours, kernel(EVCXR_KERNEL) as peer:
            for running in (ours, peer):
                for number in (1001, 1002):
                    running.run(code(number))
            samples = in_turns(rounds, on(ours, code), on(peer, code))
        results.figures.append(Figure(name, EVCXR_NAME, *samples, target))
    return results


def on(running: Kernel, code: Callable[[int], str]) -> Callable[[int], float]:
    """Measures the cell that ``code`` makes of a number."""
    return lambda number: running.run(code(number))


def start(effort: Effort) -> Results:
    """Start to first result, and to the first ``let``."""
    results = Results()
    for name, code in [("expression", "1 + 1"), ("`let`", "let a = vec![1];")]:
        samples = in_turns(
            effort.rounds(6),
            lambda _, code=code: start_to_first(OURS, code),
            lambda _, code=code: start_to_first(EVCXR_KERNEL, code),
        )
        results.figures.append(Figure(f"Rust: start to first {name}", EVCXR_NAME, *samples, 0.7))
    return results


def run_all(name: str, environment: dict[str, str]) -> tuple[float, list[dict]]:
    """Milliseconds for a restart and all cells of the notebook, and the replies."""
    started = time.perf_counter()
    with kernel(name, environment) as running:
        replies = [running.reply(code) for code in NOTEBOOK]
        return (time.perf_counter() - started) * 1000, replies


def restart(effort: Effort) -> Results:
    """Restart & Run All, the second time."""
    with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory:
        environment = {"FERROBOOK_CACHE_DIR": directory}
        first, _ = run_all(OURS, environment)
        compiled: list[int] = []

        def again(_: int) -> float:
            took, replies = run_all(OURS, environment)
            timings = [reply["metadata"]["ferrobook"]["timing"] for reply in replies]
            compiled.append(
                sum(1 for timing in timings if not timing["cached"] and has_compiled(timing))
            )
            return took

        ours, peer = in_turns(effort.rounds(6), again, lambda _: run_all(EVCXR_KERNEL, {})[0])
    note = f"answers from the cache: {compiled[-1]} of {len(NOTEBOOK)} cells compiled; {first:.0f} ms the first time"
    return Results(
        [Figure("Rust: Restart & Run All, second time", EVCXR_NAME, ours, peer, 0.35, note=note)]
    )


def has_compiled(timing: dict) -> bool:
    """Whether a cell had anything to compile."""
    return any(phase["name"] == "compile" for phase in timing["phases"])


def growth(effort: Effort) -> Results:
    """How a small cell slows down with what a notebook already holds."""
    variables = Curve("`a + 1` over live `Vec` variables", "variables", EVCXR_NAME)
    items = Curve("`a + 1` after cells with items", "item cells", EVCXR_NAME)
    steps = {"variables": (0, 50, 100, 200), "items": (0, 100, 200, 300)}
    if effort.quick:
        steps = {"variables": (0, 100), "items": (0, 100)}
    grow(variables, steps["variables"], lambda n: f"let v{n} = vec![{n}];", 10, effort)
    grow(items, steps["items"], lambda n: f"fn f{n}(x: i64) -> i64 {{ x + {n} }}", 1, effort)
    figures = []
    for curve, at, target in ((variables, 100, 0.3), (items, 200, 0.7)):
        if at in curve.ours:
            name = f"Rust: {curve.name}, {at}"
            figures.append(Figure(name, EVCXR_NAME, curve.ours[at], curve.peer[at], target))
    return Results(figures, [variables, items])


def grow(
    curve: Curve, steps: tuple[int, ...], code: Callable[[int], str], at_once: int, effort: Effort
) -> None:
    """Define more and more, ``at_once`` things a cell, and measure at each step."""
    with kernel(OURS) as ours, kernel(EVCXR_KERNEL) as peer:
        for running in (ours, peer):
            running.run("let a = 1;")
        number = 0
        for step in steps:
            while number < step:
                cell = "\n".join(
                    code(number + offset) for offset in range(min(at_once, step - number))
                )
                number += min(at_once, step - number)
                for running in (ours, peer):
                    running.run(cell)
            expression = lambda n, step=step: f"a + {step * 100 + n}"  # noqa: E731
            samples = in_turns(effort.rounds(12), on(ours, expression), on(peer, expression))
            curve.ours[step], curve.peer[step] = samples


def dependencies(effort: Effort) -> Results:
    """The first use of crates, with nothing built yet and once they were built."""
    results = Results()
    crates = {
        "rayon": ':dep rayon = "1"\nuse rayon::prelude::*;',
        "serde + serde_json": ':dep serde = { version = "1", features = ["derive"] }\n:dep serde_json = "1"',
    }
    for name, code in crates.items():
        with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory:
            environment = {"FERROBOOK_CACHE_DIR": directory}
            cold = dependency(OURS, code, environment)
            peer = dependency(EVCXR_KERNEL, code, {})
            warm = [dependency(OURS, code, environment) for _ in range(effort.rounds(8))]
        results.figures.append(Figure(f"`:dep` {name}, nothing built", EVCXR_NAME, [cold], [peer]))
        again = [dependency(EVCXR_KERNEL, code, {})]
        note = "built before, by an earlier kernel; evcxr builds anew in each kernel"
        results.figures.append(
            Figure(f"`:dep` {name}, in a later kernel", EVCXR_NAME, warm, again, note=note)
        )
    return results


def dependency(name: str, code: str, environment: dict[str, str]) -> float:
    """Milliseconds of a cell with ``:dep`` in a fresh kernel that has run a cell."""
    with kernel(name, environment) as running:
        running.run("1")
        return running.run(code)
