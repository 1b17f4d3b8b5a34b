//! Completion, inspection, and completeness.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::CompletenessStatus::{Complete, Incomplete, Invalid};

#[test]
fn names() {
    let mut host = Host::start();
    host.cell("let numbers = vec![1, 2, 3];\n/// Doubles a number.\nfn double(x: i32) -> i32 { 2 * x }").ok();

    let code = "let s = \"🦀é\"; numbers.le";
    let (matches, start, end) = host.complete(code, code.chars().count());
    assert!(matches.iter().any(|text| text == "len()"), "{matches:?}");
    assert_eq!((start, end), (22, 24));
    let (matches, ..) = host.complete("numbers.", 8);
    assert!(matches.len() > 20 && !matches.iter().any(|text| text.contains("evcxr")), "{matches:?}");
    let (matches, ..) = host.complete("Ferro", 5);
    assert_eq!(matches, Vec::<String>::new());
    let (matches, start, end) = host.complete(":he", 3);
    assert_eq!((matches, start, end), (vec![":help".to_owned()], 0, 3));

    let data = host.inspect("let c = \"🦀\"; dou\u{62}le(1)", 15);
    assert!(data["text/plain"].contains("Doubles a number"), "{data:?}");
    assert!(data["text/html"].contains("Doubles a number"), "{data:?}");
    assert!(host.inspect("numbers", 3)["text/plain"].contains("Vec<i32>"));
    assert!(host.inspect("nothing_like_this", 3).is_empty());
    assert!(host.inspect("1 + 1", 2).is_empty());
    assert!(host.inspect(":dep x", 2)["text/plain"].contains("dependency"));

    assert_eq!(host.is_complete("fn f() -> i32 { 1 }"), (Complete, String::new()));
    assert_eq!(host.is_complete("fn f() {"), (Incomplete, "    ".to_owned()));
    assert_eq!(host.is_complete("let = ;"), (Invalid, String::new()));
    host.cell("double(21)").result("42").ok();
}
