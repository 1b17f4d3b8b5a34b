//! Completion, inspection, and completeness.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::CompletenessStatus::{Complete, Incomplete, Invalid};

#[test]
fn names() {
    let mut host = Host::start();
    host.cell(
        r"let numbers = vec![1, 2, 3];
/// Doubles a number.
fn double(x: i32) -> i32 { 2 * x }",
    )
    .ok();

    let code = r#"let s = "🦀é"; numbers.le"#;
    let (matches, start, end) = host.complete(code, code.chars().count());
    assert!(matches.iter().any(|text| text == "len()"), "{matches:?}");
    assert_eq!((start, end), (22, 24));
    let (matches, ..) = host.complete("numbers.", 8);
    assert!(matches.len() > 20 && !matches.iter().any(|text| text.contains("evcxr")), "{matches:?}");
    let (matches, ..) = host.complete("Ferro", 5);
    assert_eq!(matches, Vec::<String>::new());
    let (matches, start, end) = host.complete(":he", 3);
    assert_eq!((matches, start, end), (vec![":help".to_owned()], 0, 3));
    // The crates of this workspace are known to cargo.
    let (matches, start, end) = host.complete("// é\n:dep anno\nlet x", 14);
    assert!(matches.contains(&"annotate-snippets".to_owned()), "{matches:?}");
    assert_eq!((start, end), (10, 14));
    let (matches, ..) = host.complete(":dep toml = { features = [\"", 27);
    assert!(matches.contains(&"preserve_order".to_owned()), "{matches:?}");

    let data = host.inspect("let c = \"🦀\"; dou\u{62}le(1)", 15);
    assert!(data["text/plain"].contains("Doubles a number"), "{data:?}");
    assert!(data["text/html"].contains("Doubles a number"), "{data:?}");
    let signature = |text: &str| text.contains("fn double(x: i32) -> i32");
    for (code, cursor) in [("double(", 7), ("double(1, 2)", 9), ("let y = 1 +\n    double( )", 23)] {
        assert!(signature(&host.inspect(code, cursor)["text/plain"]), "{code}");
    }
    let method = host.inspect(
        r"let mut v = vec![1];
v.push(  )",
        29,
    );
    assert!(method["text/plain"].contains("pub fn push(&mut self, value: T)"), "{method:?}");
    assert!(host.inspect(r#"println!("{}", )"#, 15)["text/plain"].contains("println"));
    assert!(host.inspect("numbers", 3)["text/plain"].contains("Vec<i32>"));
    assert!(host.inspect("nothing_like_this", 3).is_empty());
    assert!(host.inspect("1 + 1", 2).is_empty());
    assert!(host.inspect(":dep x", 2)["text/plain"].contains("dependency"));

    assert_eq!(host.is_complete("fn f() -> i32 { 1 }"), (Complete, String::new()));
    assert_eq!(host.is_complete("fn f() {"), (Incomplete, "    ".to_owned()));
    assert_eq!(host.is_complete("let = ;"), (Invalid, String::new()));
    host.cell("double(21)").result("42").ok();
}

#[test]
fn documentation_at_the_beginning_of_a_cell() {
    let mut host = Host::start();
    host.cell(
        r"// A comment.

/// Twice as much.
///
/// Or more.
fn twice(n: u8) -> u8 {
    n * 2
}",
    )
    .ok();
    assert!(host.inspect("twice(1)", 2)["text/plain"].contains("Twice as much.\n\nOr more."));
    host.cell(
        r#"/// Wrong.
fn wrong() -> u8 {
    "x"
}"#,
    )
    .fails("E0308")
    .shows("cell:3:5");
    host.cell(
        r"/// Of no item.
let a = 1; a",
    )
    .result("1")
    .ok();
    host.cell(
        r"/// Panics.
fn late(n: &[u8]) -> u8 {
    n[1]
}",
    )
    .ok();
    host.cell("late(&[1])").fails("panic").shows("an earlier cell:3:5");
    host.cell(
        r"//// Not documentation.
:opt 3
1",
    )
    .stdout("Optimization: 3\n")
    .result("1")
    .ok();
}
