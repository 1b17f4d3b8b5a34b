//! A `static` is the same one in every cell.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

#[test]
fn statics_keep_their_values() {
    let mut host = Host::start();
    host.cell(
        r#"use std::sync::{Mutex, OnceLock, LazyLock};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
static X: AtomicU32 = AtomicU32::new(0);
static mut Y: u32 = 0;
static Z: Mutex<Vec<i32>> = Mutex::new(Vec::new());
static W: OnceLock<String> = OnceLock::new();
static S: &str = "text";
static L: LazyLock<Mutex<u32>> = LazyLock::new(|| { println!("made once"); Mutex::new(40) });
static INDIRECT: &AtomicU32 = &X;
fn hit() -> u32 { X.fetch_add(1, SeqCst) + 1 }
fn in_function() -> u32 { static N: AtomicU32 = AtomicU32::new(0); N.fetch_add(1, SeqCst) + 1 }
struct Owner;
impl Owner { fn id() -> u32 { static N: AtomicU32 = AtomicU32::new(100); N.fetch_add(1, SeqCst) } }
mod inner { pub mod deep { use std::sync::atomic::*;
  pub static N: AtomicU32 = AtomicU32::new(7); static M: AtomicU32 = AtomicU32::new(0);
  pub fn both() -> (u32, u32) { (N.fetch_add(1, Ordering::SeqCst), M.fetch_add(1, Ordering::SeqCst)) } } }"#,
    )
    .ok();
    host.cell(
        r#"X.fetch_add(5, SeqCst);
unsafe { Y += 2 };
Z.lock().unwrap().push(1);
W.set("set".to_owned()).unwrap();"#,
    )
    .ok();
    host.cell(
        r"let later: Box<dyn Fn() -> u32> = Box::new(|| hit());
hit()",
    )
    .result("6")
    .ok();
    host.cell("later() + INDIRECT.fetch_add(1, SeqCst)").result("14").ok();
    host.cell(
        r"Z.lock().unwrap().push(2);
(X.load(SeqCst), unsafe { Y }, Z.lock().unwrap().clone(), W.get(), S)",
    )
    .result("(8, 2, [1, 2], Some(\"set\"), \"text\")")
    .ok();
    host.cell("*L.lock().unwrap() += 1;").stdout("made once\n").ok();
    host.cell(
        r"*L.lock().unwrap() += 1;
L.lock().unwrap().to_string()",
    )
    .result("\"42\"")
    .ok();
    for number in 1..3 {
        host.cell("in_function()").result(&number.to_string()).ok();
        host.cell("Owner::id()").result(&(99 + number).to_string()).ok();
        host.cell("inner::deep::both()").result(&format!("({}, {})", 6 + number, number - 1)).ok();
    }
    host.cell("std::thread::spawn(|| X.store(77, SeqCst)).join().unwrap();").ok();
    host.cell("X.load(SeqCst)").result("77").ok();

    // What a cell did that died is undone.
    host.cell(
        r"X.store(1, SeqCst);
static NEW: AtomicU32 = AtomicU32::new(3);
NEW.store(4, SeqCst);
std::process::abort()",
    )
    .fails("SIGABRT");
    host.cell("X.load(SeqCst)").result("77").ok();
    host.cell(
        r"static NEW: AtomicU32 = AtomicU32::new(3);
NEW.load(SeqCst)",
    )
    .result("3")
    .ok();
    // What it did that panicked is not, as for variables that it changed.
    host.cell(
        r#"X.store(2, SeqCst);
panic!("late")"#,
    )
    .fails("panic");
    host.cell("X.load(SeqCst)").result("2").ok();
}

#[test]
fn a_new_definition_is_a_new_static() {
    let mut host = Host::start();
    let counter = r"use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
static N: AtomicU32 = AtomicU32::new(0);
N.fetch_add(1, SeqCst)";
    host.cell(counter).result("0").ok();
    host.cell("N.fetch_add(1, SeqCst)").result("1").ok();
    host.cell(counter).result("0").ok();
    host.cell("N.fetch_add(1, SeqCst)").result("1").ok();
    host.cell(
        r#"static N: AtomicU32 = AtomicU32::new(0);
let x: u8 = "";"#,
    )
    .fails("E0308");
    host.cell("N.fetch_add(1, SeqCst)").result("2").ok();
    host.cell("static N: std::sync::Mutex<[u64; 3]> = std::sync::Mutex::new([1, 2, 3]);").ok();
    host.cell("N.lock().unwrap()[2]").result("3").ok();

    host.cell(
        r"struct Point { x: u8 }
static P: std::sync::Mutex<Point> = std::sync::Mutex::new(new());
const fn new() -> Point { Point { x: 1 } }",
    )
    .ok();
    host.cell("P.lock().unwrap().x = 9;").ok();
    host.cell(
        r"impl Point { fn double(&self) -> u32 { 2 * self.x as u32 } }
P.lock().unwrap().double()",
    )
    .result("18")
    .ok();
    host.cell(
        r"struct Point { before: u64, x: u8, after: u64 }
const fn new() -> Point { Point { before: 2, x: 3, after: 4 } }
P.lock().unwrap().after",
    )
    .result("4")
    .ok();
}

#[test]
fn exported_functions_stay_each_cells_own() {
    let mut host = Host::start();
    host.cell(
        r#"#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 { 1 }
#[inline(never)]
fn asks() -> u32 { answer() }"#,
    )
    .ok();
    host.cell("asks()").result("1").ok();
    host.cell(
        r#"#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 { 2 }"#,
    )
    .ok();
    host.cell(
        r#"let pointer: extern "C" fn() -> u32 = answer;
(asks(), answer(), pointer())"#,
    )
    .result("(2, 2, 2)")
    .ok();
    host.cell(
        r#"unsafe extern "C" { safe static environ: *const *const u8; }
environ.is_null()"#,
    )
    .result("false")
    .ok();
}

#[test]
fn exported_statics_have_one_definition() {
    let mut host = Host::start();
    let exported = r"use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
#[unsafe(no_mangle)]
static SHARED: AtomicU32 = AtomicU32::new(1);";
    host.cell(exported).ok();
    host.cell("SHARED.fetch_add(1, SeqCst)").result("1").ok();
    host.cell(exported).fails("error").says("cannot be defined anew under that name").shows("cell:2:1");
    host.cell("SHARED.load(SeqCst)").result("2").ok();
}

#[test]
fn thread_locals_are_shared_by_cells() {
    let mut host = Host::start();
    host.cell("use std::cell::{Cell, RefCell};").ok();
    host.cell(
        r"thread_local! {
    static COUNT: Cell<u32> = const { Cell::new(1) };
    static LIST: RefCell<Vec<String>> = RefCell::new(vec![]);
}
COUNT.set(COUNT.get() + 1);",
    )
    .ok();
    host.cell(
        r#"COUNT.set(COUNT.get() * 10);
LIST.with_borrow_mut(|list| list.push("a".to_owned()));
let seen = COUNT.get();
seen"#,
    )
    .result("20")
    .ok();
    host.cell(
        r"fn count() -> u32 { takes(&COUNT) }
fn takes(key: &'static std::thread::LocalKey<Cell<u32>>) -> u32 { key.get() }",
    )
    .ok();
    host.cell(
        r#"LIST.with_borrow_mut(|list| list.push("b".to_owned()));
(count(), LIST.take(), seen, std::thread::spawn(|| COUNT.get()).join().unwrap())"#,
    )
    .result("(20, [\"a\", \"b\"], 20, 1)")
    .ok();
    host.cell(r"mod inner { use std::cell::Cell; std::thread_local! { pub static A: Cell<u32> = Cell::new(5); static B: Cell<u8> = const { Cell::new(1) } }
pub fn f() -> (u32, u8) { A.set(A.get() + 1); B.set(B.get() + 1); (A.get(), B.get()) } }
fn id() -> u32 { thread_local!(static NEXT: Cell<u32> = Cell::new(0)); NEXT.replace(NEXT.get() + 1) }",
    )
    .ok();
    for number in 0..2 {
        host.cell("inner::f()").result(&format!("({}, {})", 6 + number, 2 + number)).ok();
        host.cell("id()").result(&number.to_string()).ok();
    }
    host.cell("thread_local!(static COUNT: Cell<u32> = Cell::new(3))").ok();
    host.cell("COUNT.get()").result("3").ok();
    host.cell(
        r#"thread_local! {
    static BAD: Cell<u32> =
        Cell::new("x");
}"#,
    )
    .fails("E0308")
    .shows("cell:3:19");
    host.cell("thread_local! { fn f() {} }")
        .fails("error")
        .says("`thread_local!` takes declarations")
        .shows("cell:1:1");
}

#[test]
fn statics_that_macros_make_are_refused() {
    let mut host = Host::start();
    host.cell(
        r"macro_rules! counter { () => {{ static N: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
 N.fetch_add(1, std::sync::atomic::Ordering::SeqCst) }} }
counter!()",
    )
    .result("0")
    .ok();
    host.cell(
        r"fn f() -> u32 {
    counter!()
}",
    )
    .fails("error")
    .says("`static` that the macro `counter!` makes")
    .shows("cell:1:1");
    host.cell("1").result("1").ok();
}

#[test]
fn places_beside_statics_are_right() {
    let mut host = Host::start();
    host.cell(r#"mod é { static A: u32 = 1; pub static B: u32 = "ä"; }"#).fails("E0308").shows("cell:1:48");
    host.cell("fn g(n: usize) -> u32 { static A: [u32; 2] = [1, 2]; A[n] }").ok();
    host.cell(
        r"let n = std::env::args().count() + 5;
g(n)",
    )
    .fails("panic")
    .shows("panicked at an earlier cell:1:54:");
}

#[test]
fn lazy_statics_are_one_for_all_cells() {
    let mut host = Host::start();
    host.cell(":dep lazy_static = \"1\"\nuse lazy_static::lazy_static;").shown();
    host.cell(
        r"
lazy_static! {
    /// Counts.
    static ref COUNT: std::sync::Mutex<u8> = std::sync::Mutex::new(1);
    pub static ref WORDS: Vec<String> = { vec![String::new()] };
}",
    )
    .ok();
    for count in ["2", "3"] {
        host.cell("*COUNT.lock()? += 1; *COUNT.lock()?").result(count).ok();
    }
    host.cell("WORDS.len()").result("1").ok();
    host.cell("lazy_static! { static ref BAD: u8 = \"x\"; }").fails("E0308").shows("static ref BAD: u8 = \"x\"");
    host.cell("lazy_static! { BAD }").fails("error").says("`lazy_static!` takes declarations");
    host.cell("*COUNT.lock()?").result("3").ok();
}
