"""How often rustc is started for one cell. evcxr finds out by failed compiles what it does not know of a cell before."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from bench_kernel import CellError, Kernel, kernel
from figures import Effort, Results
from peers import EVCXR_KERNEL, EVCXR_NAME
from rustc_log import RustcLog

#: What is counted, in one notebook, in this order: a name and the cell. Cells in between are not in the table.
NOTEBOOK: list[tuple[str, str]] = [
    ("an expression", "1 + 2"),
    ("the first `let`", "let a = 1;"),
    (
        "a `let` of a type to infer",
        'let v = vec![String::from("x")].into_iter().collect::<Vec<_>>();',
    ),
    ("an expression of a variable", "v"),
    ("`println!`", 'println!("{a}");'),
    ("an item", "#[derive(Debug, Clone)] struct P(u8); impl P { fn f(&self) -> u8 { self.0 } }"),
    ("a reference", "&v"),
    (
        "`impl Trait`",
        "fn numbers() -> impl Iterator<Item = u8> + std::fmt::Debug { 0..3 }\nnumbers()",
    ),
    ("an unsized value behind a reference", "&v[..]"),
    ("a value of the user's own type", "let p = P(1); p.f()"),
    ("`if` as a value", "if a > 0 { 1 } else { 2 }"),
    ("a block as a value", "{ let b = 2; a + b }"),
    ("a unit value", "()"),
    ("a loop at the end", 'for x in &v { print!("{x}"); }'),
    (
        "a type without `Debug`, shown by itself",
        'struct S; impl S { fn evcxr_display(&self) { println!("S"); } }\nS',
    ),
    ("a mutation", "let mut m = vec![1]; m.push(2);"),
    ("a variable that is moved", "let w = v;"),
    (
        "a variable that is moved into a thread",
        "std::thread::spawn(move || w.len()).join().unwrap()",
    ),
    ("a variable that is moved and shown", "m"),
    ("a variable that gets another type", 'let a = "text";'),
    ("a variable that a macro names", "macro_rules! read { () => { p.f() } }\nread!()"),
    ("a type that is defined again", "#[derive(Debug, Clone)] struct P(u16);"),
    ("a cell after a type was defined again", "a.len()"),
    ("the first `?`", 'let n: i32 = "7".parse()?;'),
    ("the second `?`", 'let o: i32 = "8".parse()?;'),
    ("a wrong type", "let s: String = 1;"),
    ("a name that is not there", "nowhere();"),
    ("a `let` of what is not there", "let x = nowhere();"),
    ("a syntax error", "let = 1;"),
    ("a borrow that ends too soon", 'let r; { let t = String::new(); r = &t; } println!("{r}");'),
    ("a value without `Debug`", "struct N; N"),
    ("an integer that overflows", "let u: u8 = 256;"),
    ("the first `.await`", "async fn later() -> u8 { 5 }\nlater().await"),
    ("the second `.await`", "later().await + 1"),
]


def table(effort: Effort) -> Results:
    """The counts of both kernels, as a table."""
    del effort
    ours, peer = counts("ferrobook-rust"), counts(EVCXR_KERNEL)
    lines = [
        f"| cell | Ferrobook | {EVCXR_NAME} |",
        "|---|---:|---:|",
        *(
            f"| {name} | {mine} | {theirs} |"
            for (name, _), mine, theirs in zip(NOTEBOOK, ours, peer, strict=True)
        ),
    ]
    return Results(tables=["## Starts of rustc for one new cell\n\n" + "\n".join(lines)])


def counts(name: str) -> list[int]:
    """The starts of rustc to compile each cell, without those for crates that it depends on."""
    with tempfile.TemporaryDirectory(prefix="ferrobook-bench-") as directory:
        log = RustcLog(Path(directory))
        environment = {"FERROBOOK_CACHE_DIR": f"{directory}/cache", **log.environment}
        with kernel(name, environment) as running:
            running.run("0")
            return [count(running, code, log) for _, code in NOTEBOOK]


def count(running: Kernel, code: str, log: RustcLog) -> int:
    """Runs a cell, which may fail."""
    before = log.compiles("ctx")
    with suppress(CellError):
        running.run(code)
    return log.compiles("ctx") - before
