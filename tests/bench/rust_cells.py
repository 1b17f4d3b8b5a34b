"""Rust cells next to evcxr's own kernel. Unless a row says otherwise, each cell is a new one that has to be compiled."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench_kernel import WARM_UP, Kernel, kernel, start_to_results, timing
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

#: What stands in the way of rows about small cells.
COMPILER = (
    "both start rustc once, which takes most of it (about 40 ms, and 14 ms more to link), and both have rust-analyzer look at "
    "the cell (about 18 ms once it has read the standard library). Left out so far: cargo, cc, the variables that the cell does "
    "not mention, the store of the variables, what shows values where none is shown, what is known of the compiler. Tried "
    "besides: no optimisation over codegen units (4 to 7 ms less, and slower code), no incremental compilation (4 ms less for "
    "a cell that only prints, 33 ms more for one with a result), one codegen unit (30 ms more for the same), GNU ld (4 ms "
    "less, and slower with large crates)"
)
#: And of rows about what is not compiled.
ANALYSIS = "what is left is rust-analyzer, which reads the standard library before evcxr asks it for the type of a first variable"

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
    # In this order: the notebook has no variables before the third, and no items before the last.
    kinds: list[tuple[str, float | None, Callable[[int], str]]] = [
        ("Rust: an expression", 0.6, lambda n: f"{n} + {n}"),
        ("Rust: `println!`", 0.9, lambda n: f'println!("{{}}", {n});'),
        ("Rust: a `let`", 0.9, lambda n: f"let a = {n};"),
        ("Rust: 40 lines of generic code", None, lambda n: GENERIC.format(n=n)),
    ]
    results = Results()
    with kernel(OURS) as ours, kernel(EVCXR_KERNEL) as peer:
        ours.run("()")
        time.sleep(WARM_UP)
        for name, target, code in kinds:
            for running in (ours, peer):
                for number in (1001, 1002):
                    running.run(code(number))
            samples = in_turns(effort.rounds(30), on(ours, code), on(peer, code))
            results.figures.append(Figure(name, EVCXR_NAME, *samples, target, limit=COMPILER))
    return results


def on(running: Kernel, code: Callable[[int], str]) -> Callable[[int], float]:
    """Measures the cell that ``code`` makes of a number."""
    return lambda number: running.run_new(code(number))


def start(effort: Effort) -> Results:
    """Start to first result, to the first ``let`` after it, and to one whose type has to be inferred."""
    names = [
        "Rust: start to first result",
        "Rust: start to first result and first `let`",
        "Rust: start to first result, first `let` and one to infer",
    ]
    ours: list[list[float]] = [[], [], []]
    peer: list[list[float]] = [[], [], []]
    start_to_results(OURS, "0")
    for number in range(effort.rounds(8)):
        for name, samples in ((OURS, ours), (EVCXR_KERNEL, peer)):
            cells = [f"1 + {number}", f"let a = vec![{number}];", f"let b = a.len() + {number};"]
            found = start_to_results(name, *cells)
            for which, sample in zip(samples, found, strict=True):
                which.append(sample)
    note = "the cells are new; what the kernel compiles for itself was compiled by an earlier start"
    return Results(
        [
            Figure(name, EVCXR_NAME, mine, theirs, 0.7, note=note, limit=ANALYSIS)
            for name, mine, theirs in zip(names, ours, peer, strict=True)
        ]
    )


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
            records = map(timing, replies)
            compiled.append(
                sum(not record["cached"] and has_compiled(record) for record in records)
            )
            return took

        ours, peer = in_turns(effort.rounds(6), again, lambda _: run_all(EVCXR_KERNEL, {})[0])
    note = f"answers from the cache: {compiled[-1]} of {len(NOTEBOOK)} cells compiled; {first:.0f} ms the first time"
    figure = Figure("Rust: Restart & Run All, second time", EVCXR_NAME, ours, peer, 0.35, note=note)
    figure.limit = ANALYSIS
    return Results([figure])


def has_compiled(record: dict) -> bool:
    """Whether a cell had anything to compile."""
    return any(phase["name"] == "compile" for phase in record["phases"])


def growth(effort: Effort) -> Results:
    """How a small cell slows down with what a notebook already holds."""
    variables = Curve("`a + 1` over live `Vec` variables", "variables", EVCXR_NAME)
    items = Curve("`a + 1` after cells with items", "item cells", EVCXR_NAME)
    with notebook(variables, lambda n: f"let v{n} = vec![{n}];", effort) as growing:
        # A quick run writes the notebook in fewer cells; what it holds in the end is the same.
        growing.to((0, 100) if effort.quick else (0, 50, 100, 200), 50 if effort.quick else 10)
    with notebook(items, lambda n: f"fn f{n}(x: i64) -> i64 {{ x + {n} }}", effort) as growing:
        growing.to((0, 200) if effort.quick else (0, 100, 200, 300), 50 if effort.quick else 1)
    figures = []
    for curve, at, target in ((variables, 100, 0.3), (items, 200, 0.7)):
        name = f"Rust: {curve.name}, {at}"
        samples = curve.ours[at], curve.peer[at]
        figures.append(Figure(name, EVCXR_NAME, *samples, target, limit=COMPILER))
    return Results(figures, [variables, items])


@dataclass
class Growing:
    """A notebook in both kernels, to which more and more is added."""

    curve: Curve
    code: Callable[[int], str]
    effort: Effort
    ours: Kernel
    peer: Kernel
    size: int = 0

    def to(self, steps: tuple[int, ...], at_once: int) -> None:
        """Add ``at_once`` things a cell, and measure at each step."""
        for step in steps:
            while self.size < step:
                more = range(self.size, min(self.size + at_once, step))
                for running in (self.ours, self.peer):
                    running.run("\n".join(map(self.code, more)))
                self.size = more.stop

            def expression(n: int, step: int = step) -> str:
                return f"a + {step * 100 + n}"

            samples = in_turns(
                self.effort.rounds(12), on(self.ours, expression), on(self.peer, expression)
            )
            self.curve.ours[step], self.curve.peer[step] = samples


@contextmanager
def notebook(curve: Curve, code: Callable[[int], str], effort: Effort) -> Iterator[Growing]:
    """A notebook with one variable, in new kernels with a cache of their own."""
    with (
        tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory,
        kernel(OURS, {"FERROBOOK_CACHE_DIR": directory}) as ours,
        kernel(EVCXR_KERNEL) as peer,
    ):
        for running in (ours, peer):
            running.run("let a = 1;")
        time.sleep(WARM_UP)
        yield Growing(curve, code, effort, ours, peer)


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
