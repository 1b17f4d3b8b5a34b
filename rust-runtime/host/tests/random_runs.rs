//! Notebooks whose cells are edited and run again in any order. Whatever has been run, and has failed, on the way: when all cells
//! run once more, they show what they show in a new kernel. `FERROBOOK_RUNS=2000 cargo test --release --workspace --test
//! random_runs` takes longer ways, and `FERROBOOK_SEED` others.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use fastrand::Rng;

/// Of all notebooks together.
const USUAL: usize = 100;

/// The versions of a cell. Each goes with all versions of the others.
type Cell = &'static [&'static str];

const NOTEBOOKS: [&[Cell]; 10] = [
    // A type, its methods, and values of it.
    &[
        &[
            r"struct Item { name: String, price: i32 }
fn item(n: i32) -> Item { Item { name: n.to_string(), price: n } }",
            r"struct Item { name: String, price: f64 }
fn item(n: i32) -> Item { Item { name: n.to_string(), price: f64::from(n) / 2.0 } }",
            r#"#[derive(Clone)]
struct Item { price: i64, name: &'static str }
fn item(n: i32) -> Item { Item { name: "x", price: i64::from(n) } }"#,
        ],
        &[
            "impl Item { fn show(&self) -> String { format!(\"{} {}\", self.name, self.price) } }",
            "impl Item { fn show(&self) -> String { format!(\"{}\", self.price) } fn more(&self) -> usize { self.name.len() } }",
        ],
        &["let items: Vec<Item> = (1..4).map(item).collect();", "let items = [item(7), item(8)];"],
        &["items.iter().map(Item::show).collect::<Vec<_>>().join(\", \")"],
    ],
    // A trait, and values behind `dyn`.
    &[
        &[
            "trait Shape { fn area(&self) -> f64; }",
            "trait Shape { fn name(&self) -> String { \"shape\".into() } fn area(&self) -> f64; }",
            "trait Shape { fn area(&self) -> f64; fn twice(&self) -> f64 { self.area() * 2.0 } }",
        ],
        &[
            "struct Square(f64);\nimpl Shape for Square { fn area(&self) -> f64 { self.0 * self.0 } }",
            "struct Square(f64);\nimpl Shape for Square { fn area(&self) -> f64 { self.0 } }",
        ],
        &[
            "let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Square(2.0)), Box::new(Square(3.0))];",
            "let shapes: Vec<std::rc::Rc<dyn Shape>> = vec![std::rc::Rc::new(Square(4.0))];",
        ],
        &["shapes.iter().map(|shape| shape.area()).sum::<f64>()"],
    ],
    // An enum, and functions that match it.
    &[
        &[
            "#[derive(Clone, Copy, PartialEq, Debug)] enum Op { Add, Mul }",
            "#[derive(Clone, Copy, PartialEq, Debug)] enum Op { Mul, Add, Sub(u8) }",
        ],
        &[
            "fn run(op: Op, a: i32, b: i32) -> i32 { if op == Op::Add { a + b } else { a * b } }",
            "fn run(op: Op, a: i32, b: i32) -> i32 { match op { Op::Mul => a * b, _ => a + b + 1 } }",
        ],
        &["let ops = vec![Op::Add, Op::Mul];", "let ops = [Op::Mul; 3];"],
        &["ops.iter().map(|op| run(*op, 3, 4)).collect::<Vec<_>>()", "ops.len()"],
    ],
    // Generic types and blanket implementations.
    &[
        &[
            "trait Empty { fn empty() -> Self; }",
            "trait Empty: Sized { fn is(&self) -> bool { true } fn empty() -> Self; }",
        ],
        &[
            r"struct Stack<T> { items: Vec<T> }
impl<T> Empty for Stack<T> { fn empty() -> Self { Self { items: Vec::new() } } }",
            r"struct Stack<T> { size: usize, items: Vec<T> }
impl<T> Empty for Stack<T> { fn empty() -> Self { Self { size: 0, items: Vec::new() } } }",
        ],
        &[
            r"impl<T> From<Vec<T>> for Stack<T> {
    fn from(items: Vec<T>) -> Self { let mut stack = Self::empty(); stack.items = items; stack }
}",
            r"impl<T> From<Vec<T>> for Stack<T> where Self: Empty {
    fn from(mut items: Vec<T>) -> Self { items.reverse(); let mut stack = Self::empty(); stack.items = items; stack }
}",
        ],
        &[
            r#"trait First { fn first(&self) -> String; }
impl<T: std::fmt::Debug> First for Stack<T> { fn first(&self) -> String { format!("{:?}", self.items.first()) } }"#,
            r#"trait First { fn count(&self) -> usize { 1 } fn first(&self) -> String; }
impl<T: std::fmt::Debug> First for Stack<T> { fn first(&self) -> String { format!("{:?}", self.items.last()) } }"#,
        ],
        &["let stack = Stack::from(vec![1_u8, 2, 3]);", "let stack: Stack<String> = Stack::from(vec![String::new()]);"],
        &["stack.first()"],
    ],
    // Constants in types, and statics.
    &[
        &["const N: usize = 3;", "const N: usize = 5;", "const N: usize = if cfg!(unix) { 2 } else { 1 };"],
        &["static GREETING: &str = \"hello\";", "static GREETING: &str = \"servus\";"],
        &["type Row = [u16; N];", "type Row = [u8; N];"],
        &["let row: Row = [1; N];"],
        &["(GREETING, row.len(), row.iter().map(|x| u32::from(*x)).sum::<u32>())"],
    ],
    // A signature, and what depends on it.
    &[
        &["fn scale(x: i32) -> i32 { x * 2 }", "fn scale(x: i64) -> i64 { x * 3 }", "fn scale(x: u8) -> u8 { x + 1 }"],
        &["fn use_it() -> i64 { scale(3).into() }", "fn use_it() -> i64 { i64::from(scale(4)) + 1 }"],
        &["let result = use_it();", "let result = use_it() as f64;"],
        &["result", "println!(\"{result}\");"],
    ],
    // Macros.
    &[
        &["macro_rules! twice { ($e:expr) => { $e + $e } }", "macro_rules! twice { ($e:expr) => { 2 * $e } }"],
        &["fn four() -> i32 { twice!(2) }", "fn four() -> i32 { twice!(twice!(1)) }"],
        &["let six = four() + twice!(1);", "let six = format!(\"{}\", four());"],
        &["six"],
    ],
    // Modules.
    &[
        &[
            "mod geometry { #[derive(Clone, Debug)] pub struct Point { pub x: i32, pub y: i32 } impl Point { pub fn new(x: i32) -> Self { Self { x, y: 0 } } } }",
            "mod geometry { #[derive(Clone, Debug)] pub struct Point { pub x: f32 } impl Point { pub fn new(x: i32) -> Self { Self { x: x as f32 } } } }",
        ],
        &["use geometry::Point;", "use geometry::*;"],
        &[
            "let point = Point::new(1);",
            "let points = vec![Point::new(1), Point::new(2)]; let point = points[1].clone();",
        ],
        &["point.x", "format!(\"{point:?}\")"],
    ],
    // Names that are imported.
    &[
        &["use std::collections::HashMap;", "use std::collections::{BTreeMap, HashMap};", "use std::collections::*;"],
        &[
            "fn count(text: &str) -> HashMap<char, usize> { let mut found = HashMap::new(); for c in text.chars() { *found.entry(c).or_default() += 1; } found }",
        ],
        &["let counts = count(\"abca\");", "let counts = count(\"äöä\");"],
        &["let mut sorted: Vec<_> = counts.iter().collect(); sorted.sort(); sorted"],
    ],
    // Early ends, shadowed variables, closures.
    &[
        &[
            "let text = \"12\".to_owned();",
            "let text = String::from(\"34\");",
            "let text = String::from(\"no number\");",
        ],
        &["let number: i32 = text.parse().unwrap_or(-1);", "let number = text.len();"],
        &["let number = number + 1; let double: Box<dyn Fn(i32) -> i32> = Box::new(|x| x * 2);"],
        &["double(3) + number as i32"],
    ],
];

/// What a cell shows, or the name of its error.
fn outcome(host: &mut Host, id: usize, code: &str) -> String {
    let transcript = host.cell_of(&format!("cell-{id}"), code);
    match transcript.failure() {
        Some(error) => error.ename.clone(),
        None => transcript.shown(),
    }
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn cells_in_any_order_with_edits_lead_nowhere_that_a_new_kernel_would_not() {
    let runs = number("FERROBOOK_RUNS", USUAL);
    let mut rng = Rng::with_seed(number("FERROBOOK_SEED", 1) as u64);
    let mut failures = 0;
    for (which, cells) in NOTEBOOKS.iter().enumerate() {
        let mut versions = vec![0; cells.len()];
        let mut host = Host::start();
        for _ in 0..runs / NOTEBOOKS.len() {
            let at = rng.usize(..cells.len());
            versions[at] = rng.usize(..cells[at].len());
            let mut code = cells[at][versions[at]].to_owned();
            if rng.bool() {
                code = format!("{code} // {}", rng.u8(..3));
            }
            if std::env::var_os("FERROBOOK_TRACE").is_some() {
                println!("{which} {at} {code}");
            }
            failures += usize::from(outcome(&mut host, at, &code).starts_with('E'));
        }
        let all = |host: &mut Host| -> Vec<String> {
            (0..cells.len()).map(|at| outcome(host, at, cells[at][versions[at]])).collect()
        };
        let shown = all(&mut host);
        drop(host);
        assert_eq!(shown, all(&mut Host::start()), "notebook {which}, versions {versions:?}");
        assert!(!shown.last().unwrap().is_empty(), "notebook {which}, versions {versions:?}");
    }
    println!("{runs} runs, {failures} errors of the compiler on the way");
}
