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

#[test]
fn a_name_that_an_edited_use_still_imports_is_still_there() {
    let mut host = Host::start();
    host.cell_of("a", "use std::collections::HashMap;").ok();
    host.cell_of("a", "use std::collections::{HashMap, BTreeMap};").ok();
    host.cell_of("b", "HashMap::from([(1, 2)]).len() + BTreeMap::from([(1, 2)]).len()").result("2").ok();
    host.cell_of("a", "pub use std::collections::{self, BTreeMap as Sorted};").ok();
    host.cell_of("b", "Sorted::from([(1, 2)]).len() + collections::HashMap::from([(1, 2)]).len()").result("2").ok();
    host.cell_of("b", "HashMap::from([(1, 2)]).len()").fails("E0433");
    host.cell_of("b", "BTreeMap::from([(1, 2)]).len()").fails("E0433");
    host.cell_of("a", "use std::{collections::*, fmt::Write as _};").ok();
    host.cell_of("b", r#"let mut text = String::new(); write!(text, "{}", BTreeSet::from([7]).len())?; text"#)
        .result("\"1\"")
        .ok();
    host.cell_of("a", "use std::collections::BTreeMap;").ok();
    host.cell_of("b", "BTreeSet::from([7]).len()").fails("E0433");
    host.cell_of("c", "struct BTreeMap(u8);").ok();
    host.cell_of("b", "BTreeMap(7).0").result("7").ok();
}

#[test]
fn what_two_cells_define_is_there_until_neither_does() {
    let mut host = Host::start();
    let both = r"fn shared() -> u8 { 1 }
use std::rc::Rc;";
    host.cell_of("a", &format!("struct S;\nimpl S {{ fn f() -> u8 {{ 1 }} }}\n{both}")).ok();
    host.cell_of("b", both).ok();
    host.cell_of("b", "impl S { fn f() -> u8 { 1 } }").ok();
    host.cell_of("c", "shared() + *Rc::new(1) + S::f()").result("3").ok();
    host.cell_of("a", "struct S;").ok();
    host.cell_of("c", "S::f()").result("1").ok();
    host.cell_of("c", "shared()").fails("E0425");
    host.cell_of("b", "").ok();
    host.cell_of("c", "S::f()").fails("E0599");
    host.cell_of("d", both).ok();
    host.cell(both).ok();
    host.cell_of("d", "").ok();
    host.cell_of("c", "shared() + *Rc::new(1)").result("2").ok();
}

#[test]
fn two_traits_of_one_name_are_two_implementations() {
    let mut host = Host::start();
    host.cell_of("type", "use std::{fmt, io};\nstruct W(u8);").ok();
    let of_fmt = "impl fmt::Write for W { fn write_str(&mut self, _: &str) -> fmt::Result { self.0 += 1; Ok(()) } }";
    let of_io = r"impl io::Write for W {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> { self.0 += 10; Ok(bytes.len()) }
    fn flush(&mut self) -> io::Result<()> { Ok(()) }
}";
    let use_it = r#"let mut w = W(0);
fmt::Write::write_str(&mut w, "x")?;
io::Write::write(&mut w, b"x")?;
w.0"#;
    host.cell(of_fmt).ok();
    host.cell(of_io).ok();
    host.cell(use_it).result("11").ok();
    host.cell(&of_fmt.replace("+= 1", "+= 2").replace("fmt::Write", "::std::fmt::Write")).ok();
    host.cell(use_it).result("12").ok();
}

#[test]
fn clear_is_before_what_the_same_cell_defines() {
    let mut host = Host::start();
    // Behind a type it would go with the type.
    host.cell_of("a", "impl S { fn f() -> u8 { 1 } }\nstruct S;").ok();
    host.cell_of("a", ":clear\nimpl S { fn f() -> u8 { 2 } }\nstruct S;").ok();
    host.cell_of("b", "S::f()").result("2").ok();
    host.cell_of("a", "impl S { fn f() -> u8 { 3 } }\nstruct S;").ok();
    host.cell_of("b", "S::f()").result("3").ok();
}
