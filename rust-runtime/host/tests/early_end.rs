//! A cell that ends before it has come to its end: what it had not yet replaced is as before.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

#[test]
fn a_variable_that_was_to_be_replaced_is_as_before() {
    let mut host = Host::start();
    host.cell("let data = vec![1, 2];\nlet other = String::from(\"other\"); let go = true;").ok();
    host.cell("let data: Vec<i32> = vec![\"x\".parse()?];").fails("Error");
    host.cell("data.len()").result("2").ok();
    host.cell("let n = 3;\npanic!(\"no\");\nlet (data, other) = (1u8, 2u8);").fails("panic");
    host.cell("format!(\"{data:?} {other}\")").result("\"[1, 2] other\"").ok();
    host.cell("if go { std::process::abort() }\nlet data = 1.5;").fails("SIGABRT");
    host.cell("data").result("[1, 2]").ok();
    // What was moved is gone, and the other one is not.
    host.cell("drop(other);\nif go { panic!() }\nlet other = 1;\nlet data = 2;").fails("panic");
    host.cell("data").result("[1, 2]").ok();
    host.cell("other").fails("E0425");
    host.cell("let data = 7;").ok();
    host.cell("data + 1").result("8").ok();
}

#[test]
fn a_let_that_was_not_reached_makes_no_variable() {
    let mut host = Host::start();
    host.cell("let go = false;").ok();
    host.cell("if !go { return; }\nlet n = vec![1];").ok();
    host.cell("n.len()").fails("NotMade").says("`n` was not made: its cell has ended before the `let`");
    host.cell("n.len()").fails("NotMade");
    host.cell("go").result("false").ok();
    host.cell("let n = 5;").ok();
    host.cell("if !go { return; }\nlet n = 6;").ok();
    host.cell("n + 1").result("6").ok();
    host.cell("if !go { return; }\nlet n = String::new();").ok();
    host.cell("n").fails("TypeChanged");
    host.cell("go").result("false").ok();
}

#[test]
fn a_variable_that_was_kept_can_be_changed_as_before() {
    let mut host = Host::start();
    host.cell("let mut count = 1;").ok();
    assert!(host.cell("Err(\"no\")?; let mut count = 2;").failure().is_some());
    host.cell("count += 1; count").result("2").ok();
}
