//! Cells that are checked while they are typed: what the compiler says, where, and at no cost to the cells that run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Diagnostic, Edit, Fix, Position, Severity, Span};
use std::time::{Duration, Instant};

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

/// The code of a diagnostic, and its first place.
type Brief<'a> = (&'a str, (u32, u32), (u32, u32));

fn brief(diagnostics: &[Diagnostic]) -> Vec<Brief<'_>> {
    let brief = diagnostics.iter().map(|diagnostic| {
        let span = diagnostic.spans.first().unwrap_or_else(|| panic!("nowhere: {diagnostic:?}"));
        let place = |position: Position| (position.line, position.column);
        (diagnostic.code.as_deref().unwrap_or("error"), place(span.start), place(span.end))
    });
    brief.collect()
}

#[test]
fn what_is_wrong_and_where() {
    let mut host = Host::start();
    let found = host.check("      \nlet größe = \"ä\"; // 🦀\nlet x: i32 = größe;").unwrap();
    assert_eq!(brief(&found), [("E0308", (3, 14), (3, 19))]);
    let [Diagnostic { severity, message, rendered, spans, .. }] = &found[..] else { panic!("{found:?}") };
    assert_eq!((*severity, message.as_str()), (Severity::Error, "mismatched types"));
    assert!(rendered.contains("cell:3:14") && rendered.contains("let x: i32 = größe;"), "{rendered}");
    assert!(!rendered.contains('\x1b') && !rendered.contains("evcxr"), "{rendered}");
    assert_eq!(
        spans[..],
        [
            Span {
                start: at(3, 14),
                end: at(3, 19),
                label: Some("expected `i32`, found `&str`".into()),
                primary: true
            },
            Span { start: at(3, 8), end: at(3, 11), label: Some("expected due to this".into()), primary: false },
        ]
    );
    for (code, expected) in [
        ("let = ;", ("error", (1, 1), (1, 2))),
        ("1 + 1;\n}", ("error", (2, 1), (2, 2))),
        ("fn f(", ("error", (1, 5), (1, 6))),
        ("missing(1)", ("E0425", (1, 1), (1, 8))),
        (
            r#"fn f() -> i32 {
    "x"
}"#,
            ("E0308", (2, 5), (2, 8)),
        ),
        (r#"let a = 1; let b: u8 = "1";"#, ("E0308", (1, 24), (1, 27))),
        ("use std::nowhere::{A, B};", ("E0432", (1, 10), (1, 17))),
        ("let r = { let s = String::new(); s.as_str() };", ("error", (1, 5), (1, 6))),
    ] {
        assert_eq!(brief(&host.check(code).unwrap()), [expected], "{code}");
    }
    for fine in [
        "",
        "// nothing",
        "let a = 1;\na",
        "vec![1].iter().map(|x| x + 1)",
        "let unused = 1;\nfn dead() {}",
        r#"std::fs::read_to_string("x")?;"#,
        "let v = vec![1]; drop(v);",
        "thread_local! { static N: u8 = 1; }\nN.with(|n| *n)",
        "static COUNT: std::sync::Mutex<u8> = std::sync::Mutex::new(1);",
        r"trait Own { fn evcxr_display(&self) {} }
impl Own for u8 {}
1u8.evcxr_display();",
        "fn f() -> u8 { m!() }\nmacro_rules! m { () => { 1 } }",
    ] {
        assert_eq!(host.check(fine).unwrap(), [], "{fine}");
    }
}

#[test]
fn what_would_help() {
    let mut host = Host::start();
    let found = host
        .check(
            r#"
let s: String = "é";"#,
        )
        .unwrap();
    let edit = Edit { start: at(2, 20), end: at(2, 20), text: ".to_string()".into() };
    let conversion = Fix { message: "try using a conversion method".into(), sure: false, edits: vec![edit] };
    assert_eq!(found[0].fixes, [conversion]);
    let found = host
        .check(
            r"fn f(x: &i32) {} let one = 1;
f(one);",
        )
        .unwrap();
    let edit = Edit { start: at(2, 3), end: at(2, 3), text: "&".into() };
    let borrow = Fix { message: "consider borrowing here".into(), sure: true, edits: vec![edit] };
    assert_eq!(found[0].fixes, [borrow]);
    let found = host
        .check(
            r"fn f() -> Result<(), String> { Ok(()) }
f();",
        )
        .unwrap();
    assert_eq!(brief(&found), [("unused_must_use", (2, 1), (2, 4))]);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(matches!(&found[0].fixes[..], [Fix { sure: false, .. }]), "{found:?}");
}

#[test]
fn a_check_knows_the_session_and_leaves_it_as_it_is() {
    let mut host = Host::start();
    host.cell(r#"let mut kept = vec![1]; let text = String::from("x"); struct Point { x: i32 }"#).ok();
    assert_eq!(host.check("kept.push(2); Point { x: 1 }.x + kept[0]").unwrap(), []);
    assert_eq!(brief(&host.check(r#"kept.push("2");"#).unwrap()), [("E0308", (1, 11), (1, 14))]);
    assert_eq!(brief(&host.check("text.push('y');").unwrap()), [("E0596", (1, 1), (1, 5))]);
    assert_eq!(host.check("let kept = 1; struct Point; fn g() {} drop(text);").unwrap(), []);
    let holder = host.holder;
    host.cell("(kept.len(), text.len(), Point { x: 3 }.x)").result("(1, 1, 3)").ok();
    assert_eq!(host.holder, holder);
    host.cell("g()").fails("E0425");
    assert_eq!(host.check("kept.len()").unwrap(), []);
}

#[test]
fn commands_are_not_executed() {
    let mut host = Host::start();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("made");
    let code = format!(
        r#"!touch {}
:clear
:dep itoa = "9999"
use itoa::Buffer;
let x: i32 = "a";"#,
        file.display()
    );
    // The crate is not there before the cell has run, which is no fault of the code.
    assert_eq!(brief(&host.check(&code).unwrap()), [("E0308", (5, 14), (5, 17))]);
    assert!(!file.exists());
    assert_eq!(
        host.check(
            r"extern crate ryu;
let x = 1;"
        )
        .unwrap(),
        []
    );
}

#[test]
fn a_failed_cell_has_the_same_diagnostics() {
    let mut host = Host::start();
    for code in [
        r#"let x: i32 = "é";
let y: String = "a";"#,
        "let = ;",
        "missing()",
    ] {
        let checked = host.check(code).unwrap();
        let id = host.begin(code);
        let failure = host.finish(id, code).fails(checked[0].code.as_deref().unwrap_or("error"));
        assert_eq!(failure.diagnostics, checked, "{code}");
    }
    let failure = host.cell("panic!()").fails("panic");
    assert_eq!(failure.diagnostics, []);
}

/// A cell that the compiler looks at for minutes.
const SLOW: &str = r"const fn spin() -> u64 { let mut i = 0u64; while i < 100_000_000_000 { i += 1; } i }
#[allow(long_running_const_eval)] const N: u64 = spin();
N";

#[test]
fn a_cell_does_not_wait_for_a_check() {
    let mut host = Host::start();
    host.cell("let kept = 5;").ok();
    assert_eq!(host.check("kept").unwrap(), []);
    let id = host.begin_check(SLOW);
    std::thread::sleep(Duration::from_millis(700));
    let start = Instant::now();
    let cell = host.begin("kept + 1");
    assert_eq!(host.checked(id), None);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    host.finish(cell, "kept + 1").result("6").ok();
    // Neither does a check that comes later.
    let (first, second) = (host.begin_check(SLOW), host.begin_check("kept"));
    assert_eq!(host.checked(first), None);
    assert_eq!(host.checked(second), Some(Vec::new()));
}

#[test]
fn nothing_is_checked_while_a_cell_runs() {
    let mut host = Host::start();
    let cell = host.begin(r#"println!("going"); std::thread::sleep(std::time::Duration::from_secs(1));"#);
    host.wait_for("going");
    assert_eq!(host.check(r#"let x: i32 = "a";"#), None);
    host.finish(cell, "going").ok();
    assert!(host.check(r#"let x: i32 = "a";"#).is_some());
}

#[test]
fn a_cell_with_thousands_of_errors_holds_nothing_up() {
    let mut host = Host::start();
    let code: String = (0..10_000).map(|n| format!("let v{n}: i32 = \"{n}\";\n")).collect();
    let start = Instant::now();
    let found = host.check(&code).unwrap();
    println!("10,000 errors: {:?}", start.elapsed());
    assert_eq!(found.len(), 100);
    let all = start.elapsed();
    for part in 1..5 {
        let id = host.begin_check(&code);
        std::thread::sleep(all * part / 5);
        let start = Instant::now();
        let cell = host.begin("1");
        host.checked(id);
        let waited = start.elapsed();
        host.finish(cell, "1").result("1").ok();
        println!("after {part}/5 of it a cell waited {waited:?}");
        // Many times what it takes, for a machine that does other things as well.
        assert!(waited < Duration::from_secs(10), "{part}: {waited:?}");
    }
}

#[test]
fn a_session_without_rust_answers_nothing() {
    let mut host = Host::start_with(|command| {
        command.env("PATH", "/nowhere");
    });
    host.next();
    assert_eq!(host.check("1"), None);
}

#[test]
fn an_edited_item_is_checked_as_the_one_that_will_be_there() {
    let mut host = Host::start();
    let first = "impl S { fn f(&self) -> u8 { 1 } }\nimpl Default for S { fn default() -> S { S } }";
    let second = "impl S { fn f(&self) -> u8 { 2 } }\nimpl Default for S { fn default() -> Self { S } }";
    host.cell_of("type", "struct S;").ok();
    host.cell_of("a", first).ok();
    assert_eq!(host.check_of("a", second), Some(vec![]));
    host.cell_of("b", "S::default().f()").result("1").ok();
    host.cell_of("a", second).ok();
    // Typed back to what it was before.
    assert_eq!(host.check_of("a", first), Some(vec![]));
    let uses_it = format!("{first}\nS::default().f()");
    assert_eq!(host.check_of("a", &uses_it), Some(vec![]));
    // In another cell it would be there twice.
    assert_eq!(brief(&host.check_of("other", "impl S { fn f(&self) -> u8 { 3 } }").unwrap())[0].0, "E0592");
    host.cell_of("b", "S::default().f()").result("2").ok();
    // What the cell defines no more.
    assert_eq!(brief(&host.check_of("a", "S::default()").unwrap())[0].0, "E0599");
    assert_eq!(host.check_of("b", "S::default().f()"), Some(vec![]));
}
