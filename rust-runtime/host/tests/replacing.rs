//! A cell that runs again replaces what it had defined.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

#[test]
fn an_edited_implementation_takes_the_place_of_the_old_one() {
    let mut host = Host::start();
    host.cell_of(
        "type",
        r"use std::fmt;
struct T(i32);",
    )
    .ok();
    host.cell_of("inherent", "impl T { fn f(&self) -> i32 { self.0 } }").ok();
    host.cell_of(
        "trait",
        r#"impl fmt::Display for T { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "one") } }"#,
    )
    .ok();
    host.cell_of(
        "blanket",
        r#"trait Twice { fn twice(&self) -> String; }
impl<A: fmt::Display> Twice for A { fn twice(&self) -> String { format!("{self}{self}") } }"#,
    )
    .ok();
    host.cell_of("use", r#"format!("{} {}", T(1).twice(), T(1).f())"#).result("\"oneone 1\"").ok();
    host.cell_of("inherent", "impl T { fn f(&self) -> i32 { 10 * self.0 } fn g(&self) -> i32 { 0 } }").ok();
    host.cell_of(
        "trait",
        r#"impl std::fmt::Display for T { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { write!(f, "two") } }"#,
    )
    .ok();
    host.cell_of("use", r#"format!("{} {}", T(1).twice(), T(1).f())"#).result("\"twotwo 10\"").ok();
    host.cell_of(
        "blanket",
        r#"trait Twice { fn twice(&self) -> String; }
impl<A: fmt::Display> Twice for A { fn twice(&self) -> String { format!("{self}+{self}") } }"#,
    )
    .ok();
    host.cell_of("use", "T(1).twice()").result("\"two+two\"").ok();
    // A field's name changes, and with it what uses it.
    host.cell_of(
        "type",
        r"use std::fmt;
struct T { n: i32 }",
    )
    .fails("E0609");
    host.cell_of("use", "T(1).f()").result("10").ok();
    host.cell_of("inherent", "impl T { }").ok();
    host.cell_of(
        "type",
        r"use std::fmt;
struct T { n: i32 }",
    )
    .ok();
    host.cell_of("inherent", "impl T { fn f(&self) -> i32 { self.n } }").ok();
    host.cell_of("use", "T { n: 4 }.f()").result("4").ok();
}

#[test]
fn what_a_cell_defines_no_more_is_gone() {
    let mut host = Host::start();
    host.cell_of(
        "a",
        r"fn old() -> u8 { 1 }
fn kept() -> u8 { 2 }",
    )
    .ok();
    host.cell_of("b", "old() + kept()").result("3").ok();
    host.cell_of("a", "fn kept() -> u8 { 3 }").ok();
    host.cell_of("b", "kept()").result("3").ok();
    host.cell_of("b", "old()").fails("E0425");
    // It failed, and everything is as before.
    host.cell_of("a", r#"fn kept() -> u8 { "x" }"#).fails("E0308");
    host.cell_of("b", "kept()").result("3").ok();
    host.cell_of(
        "a",
        r"fn old() -> u8 { 7 }
fn kept() -> u8 { 3 }",
    )
    .ok();
    host.cell_of("b", "old()").result("7").ok();
}

#[test]
fn the_same_cell_again_is_the_same() {
    let mut host = Host::start();
    let code = r"struct S;
impl S { fn f() -> u8 { 1 } }
impl Default for S { fn default() -> Self { S } }";
    for _ in 0..3 {
        host.cell_of("a", code).ok();
        host.cell_of(
            "b",
            r"impl S { fn g() -> u8 { 2 } }
impl Drop for S { fn drop(&mut self) {} }",
        )
        .ok();
        host.cell("impl Clone for S { fn clone(&self) -> S { S } }").ok();
        host.cell_of("c", "S::f() + S::g()").result("3").ok();
    }
    // Without an id a trait's implementation is known by the trait and the type.
    host.cell(r#"impl std::clone::Clone for S { fn clone(&self) -> S { println!("cloned"); S } }"#).ok();
    host.cell("drop(S.clone());").stdout("cloned\n").ok();
    host.cell(":clear").ok();
    host.cell_of("a", code).ok();
    host.cell_of("c", "S::f()").result("1").ok();
}

#[test]
fn a_cell_that_others_do_not_compile_with_is_told_so() {
    let mut host = Host::start();
    host.cell("fn scale(x: i32) -> i32 { 2 * x }").ok();
    host.cell("fn use_it() -> i32 { scale(1) }").ok();
    host.cell("struct S;\nimpl S { fn f() -> i32 { scale(1) } }").ok();
    host.cell("fn scale(x: i32, by: i32) -> i32 { by * x }")
        .fails("E0061")
        .says("`use_it` of cell [2] does not compile with the new `scale`: this function takes 2 arguments")
        .shows("everything is as before this cell");
    host.cell("use_it() + S::f()").result("4").ok();
    // An error of the cell's own is what it is about.
    host.cell("fn scale(x: i32, by: i32) -> i32 { by * \"x\" }").fails("E0277").says("cannot multiply");
}

#[test]
fn what_belongs_to_no_item_is_refused_and_forgotten() {
    let mut host = Host::start();
    host.cell("#[derive(Debug)]").fails("error").says("expected item after attributes").shows("cell:1:1");
    host.cell("fn f() -> u8 { 1 }").ok();
    host.cell("let a = f();\n/// Words").fails("error").says("expected item after doc comment").shows("cell:2:1");
    host.cell("f()").result("1").ok();
    host.cell("let done = vec![1];").ok();
    host.cell("!done.is_empty()").result("true").ok();
}
