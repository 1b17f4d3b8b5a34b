//! A value is never read as one of another type: what becomes of variables when a type is defined anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{CellOptions, VariableValue};

/// A type is defined, a variable made of it, and the definition edited.
struct Case {
    name: &'static str,
    definition: &'static str,
    variable: &'static str,
    /// What stands in the definition, and what stands there afterwards.
    edit: (&'static str, &'static str),
    /// What a later cell does with the variable.
    use_it: &'static str,
    /// The item that the error names.
    changed: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "a field's type",
        definition: "#[derive(Debug)] struct Item { name: String, price: i32 }",
        variable: r#"let v = vec![Item { name: "a".into(), price: 7 }];"#,
        edit: ("price: i32", "price: f64"),
        use_it: r#"format!("{v:?}")"#,
        changed: "Item",
    },
    Case {
        name: "an option of what was there",
        definition: "#[derive(Debug)] struct Person { age: u32 }",
        variable: "let v = Person { age: 7 };",
        edit: ("age: u32", "age: Option<u32>"),
        use_it: "v.age",
        changed: "Person",
    },
    Case {
        name: "a pointer where there was a number",
        definition: "#[derive(Debug)] struct P { at: usize }",
        variable: "let v = P { at: 7 };",
        edit: ("at: usize", "at: &'static u8"),
        use_it: "*v.at",
        changed: "P",
    },
    Case {
        name: "an owned string",
        definition: "#[derive(Debug)] struct T { text: &'static str, len: usize }",
        variable: r#"let v = T { text: "abc", len: 1 };"#,
        edit: ("&'static str, len: usize", "String"),
        use_it: "v.text.len()",
        changed: "T",
    },
    Case {
        name: "another collection",
        definition: r"use std::collections::HashMap;
#[derive(Debug)] struct T { all: Vec<u8> }",
        variable: "let v = T { all: vec![1, 2] };",
        edit: ("Vec<u8>", "HashMap<u8, u8>"),
        use_it: "v.all.len()",
        changed: "T",
    },
    Case {
        name: "a larger field",
        definition: "#[derive(Debug)] struct T { all: [u8; 2] }",
        variable: "let v = Box::new(T { all: [1, 2] });",
        edit: ("[u8; 2]", "[u8; 4096]"),
        use_it: "v.all.len()",
        changed: "T",
    },
    Case {
        name: "a constant in an array's length",
        definition: r"const N: usize = 2;
#[derive(Debug)] struct T { all: [u8; N] }",
        variable: "let v = Some(T { all: [1; N] });",
        edit: ("N: usize = 2", "N: usize = 900"),
        use_it: "v.is_some()",
        changed: "N",
    },
    Case {
        name: "an alias",
        definition: r"type Price = i32;
#[derive(Debug)] struct Item { price: Price }",
        variable: "let v = std::rc::Rc::new(Item { price: 1 });",
        edit: ("Price = i32", "Price = String"),
        use_it: r#"format!("{v:?}")"#,
        changed: "Price",
    },
    Case {
        name: "an alias alone",
        definition: "type Price = i32;",
        variable: "let v: Price = 1;",
        edit: ("i32", "f32"),
        use_it: "v",
        changed: "Price",
    },
    Case {
        name: "a type inside the type",
        definition: r"#[derive(Debug, Clone)] struct Inner(u8);
#[derive(Debug)] struct Outer { inner: Inner }",
        variable: "let v = std::collections::HashMap::from([(1, Outer { inner: Inner(1) })]);",
        edit: ("Inner(u8)", "Inner(String)"),
        use_it: "v.len()",
        changed: "Inner",
    },
    Case {
        name: "a generic argument",
        definition: r"#[derive(Debug)] struct Of<A>(A);
#[derive(Debug)] struct T { of: Of<u8> }",
        variable: "let v = T { of: Of(1) };",
        edit: ("Of<u8>", "Of<String>"),
        use_it: r#"format!("{v:?}")"#,
        changed: "T",
    },
    Case {
        name: "an enum's payload",
        definition: "#[derive(Debug)] enum E { A(u8), B }",
        variable: "let v = E::A(1); let w = E::B;",
        edit: ("A(u8)", "A(String)"),
        use_it: r#"format!("{v:?}")"#,
        changed: "E",
    },
    Case {
        name: "an enum's order",
        definition: "#[derive(Debug, Clone, Copy)] enum E { A, B }",
        variable: "let v = E::A;",
        edit: ("A, B", "B, A"),
        use_it: "v",
        changed: "E",
    },
    Case {
        name: "the order of a trait's methods",
        definition: r"trait Shape { fn area(&self) -> u8; fn sides(&self) -> u8; }
struct Square;
impl Shape for Square { fn area(&self) -> u8 { 1 } fn sides(&self) -> u8 { 4 } }",
        variable: "let v: Vec<Box<dyn Shape>> = vec![Box::new(Square)];",
        edit: ("fn area(&self) -> u8; fn sides(&self) -> u8;", "fn sides(&self) -> u8; fn area(&self) -> u8;"),
        use_it: "v[0].area()",
        changed: "Shape",
    },
    Case {
        name: "another signature of a trait's method",
        definition: r"trait Shape { fn area(&self) -> u8; }
struct Square;
impl Shape for Square { fn area(&self) -> u8 { 1 } }",
        variable: "let v: std::sync::Arc<dyn Shape> = std::sync::Arc::new(Square);",
        edit: ("area(&self) -> u8", "area(&self) -> u64"),
        use_it: "v.area()",
        changed: "Shape",
    },
    Case {
        name: "in a module",
        definition: r"mod shop { #[derive(Debug)] pub struct Item { pub price: i32 } }
fn item() -> shop::Item { shop::Item { price: 1 } }",
        variable: "let v = item();",
        edit: ("price: i32", "price: u64"),
        use_it: "v.price",
        changed: "shop",
    },
    Case {
        name: "an associated type",
        definition: r"trait Of { type T; }
struct A;
impl Of for A { type T = u8; }
struct V { t: <A as Of>::T }",
        variable: "let v = V { t: 1 };",
        edit: ("type T = u8", "type T = String"),
        use_it: "v.t.clone()",
        changed: "V",
    },
    Case {
        name: "an associated type that nobody names",
        definition: r"struct Numbers;
impl Iterator for Numbers { type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) } }",
        variable: "let mut v: std::iter::Peekable<Numbers> = { let mut all = Numbers.peekable(); all.peek(); all };",
        edit: (
            "type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) }",
            "type Item = String; fn next(&mut self) -> Option<String> { None }",
        ),
        use_it: "v.next()",
        changed: "std::iter::Peekable<Numbers>",
    },
    Case {
        name: "what a const fn returns",
        definition: r"struct Size;
impl Size { const fn of() -> usize { 2 } }
struct T { all: [u8; Size::of()] }",
        variable: "let v = T { all: [1; Size::of()] };",
        edit: ("{ 2 }", "{ 900 }"),
        use_it: "v.all.len()",
        changed: "T",
    },
    Case {
        name: "a static that a constant is read from",
        definition: r"static N: &usize = &2;
const LEN: usize = *N;
struct T { all: [u8; LEN] }",
        variable: "let v = T { all: [1; LEN] };",
        edit: ("&2", "&900"),
        use_it: "v.all.len()",
        changed: "N",
    },
    Case {
        name: "a trait's constant",
        definition: r"trait Sized2 { const N: usize = { 2 }; }
impl Sized2 for u8 {}
struct T { all: [u8; <u8 as Sized2>::N] }",
        variable: "let v = T { all: [1; <u8 as Sized2>::N] };",
        edit: ("{ 2 }", "{ 900 }"),
        use_it: "v.all.len()",
        changed: "Sized2",
    },
    Case {
        name: "a raw name",
        definition: r"struct r#In(u8);
struct T(In);",
        variable: "let v = T(In(1));",
        edit: ("u8", "String"),
        use_it: "v.0.0.clone()",
        changed: "In",
    },
    Case {
        name: "two modules that change places",
        definition: r"mod a { pub type In = u8; }
mod b { pub type In = String; }
struct T(a::In);",
        variable: "let v = T(1);",
        edit: (
            "mod a { pub type In = u8; }\nmod b { pub type In = String; }",
            "mod b { pub type In = u8; }\nmod a { pub type In = String; }",
        ),
        use_it: "v.0.clone()",
        changed: "a",
    },
    Case {
        name: "what a macro makes",
        definition: r"macro_rules! item { ($name:ident, $of:ty) => { pub struct $name(pub $of); } }
mod m { item!(In, u8); }
struct T(m::In);",
        variable: "let v: T = T(m::In(1));",
        edit: ("In, u8", "In, String"),
        use_it: "v.0.0.clone()",
        changed: "m",
    },
    Case {
        name: "a type that a macro makes",
        definition: r"macro_rules! item { ($name:ident, $of:ty) => { pub struct $name(pub $of); } }
mod m { item!(In, u8); }",
        variable: "let v: Vec<m::In> = vec![m::In(1)];",
        edit: ("In, u8", "In, String"),
        use_it: "v[0].0.clone()",
        changed: "m",
    },
    Case {
        name: "what the macro makes of a type",
        definition: r"macro_rules! item { ($name:ident) => { pub struct $name(pub u8); } }
mod m { item!(In); }",
        variable: "let v: Vec<m::In> = vec![m::In(1)];",
        edit: ("pub u8", "pub String"),
        use_it: "v[0].0.clone()",
        changed: "item",
    },
    Case {
        name: "what another glob brings in",
        definition: r"mod a { pub type In = u8; }
mod b { pub type In = String; }
use a::*;
struct T { of: In }",
        variable: "let v = T { of: 1 };",
        edit: ("use a::*", "use b::*"),
        use_it: "v.of.clone()",
        changed: "T",
    },
    Case {
        name: "an associated type in a module",
        definition: r"struct Numbers;
mod m { impl Iterator for super::Numbers { type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) } } }",
        variable: "let mut v: std::iter::Peekable<Numbers> = { let mut all = Numbers.peekable(); all.peek(); all };",
        edit: (
            "type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) }",
            "type Item = String; fn next(&mut self) -> Option<String> { None }",
        ),
        use_it: "v.next()",
        changed: "std::iter::Peekable<Numbers>",
    },
    Case {
        name: "an associated type of an implementation that is spelled differently",
        definition: r"struct Numbers;
impl Iterator for Numbers { type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) } }",
        variable: "let mut v: std::iter::Peekable<Numbers> = { let mut all = Numbers.peekable(); all.peek(); all };",
        edit: (
            "Iterator for Numbers { type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) }",
            "std::iter::Iterator for crate::Numbers { type Item = String; fn next(&mut self) -> Option<String> { None }",
        ),
        use_it: "v.next()",
        changed: "std::iter::Peekable<Numbers>",
    },
    Case {
        name: "what an associated type is an alias of",
        definition: r"type Number = u8;
struct Numbers;
impl Iterator for Numbers { type Item = Number; fn next(&mut self) -> Option<Number> { None } }",
        variable: "let mut v: std::iter::Peekable<Numbers> = { let mut all = Numbers.peekable(); all.peek(); all };",
        edit: ("Number = u8", "Number = String"),
        use_it: "v.next()",
        changed: "std::iter::Peekable<Numbers>",
    },
    Case {
        name: "a union",
        definition: "#[derive(Clone, Copy)] union U { a: u8 }",
        variable: "let v = U { a: 1 };",
        edit: ("a: u8", "a: u64"),
        use_it: "unsafe { v.a }",
        changed: "U",
    },
];

/// The cells of the definition: each item has one of its own.
fn define(host: &mut Host, definition: &str) {
    host.cell_of("definition", definition).ok();
}

#[test]
fn a_variable_of_an_edited_type_is_refused() {
    let mut host = Host::start();
    for case in CASES {
        let Case { name, definition, variable, edit: (from, to), use_it, changed } = case;
        eprintln!("{name}");
        host.cell(":clear").ok();
        define(&mut host, definition);
        host.cell(variable).ok();
        host.cell("let untouched = 7;").ok();
        assert!(definition.contains(from), "{name}");
        define(&mut host, &definition.replace(from, to));
        let failure = host.cell(use_it).fails("TypeChanged");
        assert!(
            failure.error.evalue.starts_with("`v` was made with another definition of"),
            "{}",
            failure.error.evalue
        );
        failure.says(&format!("`{changed}`")).says("run the cell that makes `v` again");
        host.cell(use_it).fails("TypeChanged");
        host.cell("untouched").result("7").ok();
    }
}

#[test]
fn what_a_value_of_the_old_type_needs_is_done_by_its_own_code() {
    let mut host = Host::start();
    let definition = r#"struct Loud(u8);
impl Drop for Loud { fn drop(&mut self) { println!("dropped {}", self.0); } }"#;
    host.cell(definition).ok();
    host.cell("let v = vec![Loud(1), Loud(2)];").ok();
    host.cell(&definition.replace("u8", "u64").replace("dropped", "gone")).ok();
    host.cell("let v = vec![Loud(3)];").stdout("dropped 1\ndropped 2\n").ok();
    host.cell("drop(v);").stdout("gone 3\n").ok();
}

#[test]
fn a_value_behind_any_is_another_type_too() {
    let mut host = Host::start();
    host.cell(
        r"use std::any::Any;
#[derive(Debug)] struct Item { price: i32 }",
    )
    .ok();
    host.cell(
        r#"let any: Box<dyn Any> = Box::new(Item { price: 7 });
let text: Box<dyn Any> = Box::new("a text");"#,
    )
    .ok();
    host.cell("any.is::<Item>()").result("true").ok();
    host.cell("#[derive(Debug)] struct Item { price: f64 }").ok();
    host.cell("any.is::<Item>()").result("false").ok();
    host.cell("any.downcast_ref::<Item>().map(|item| item.price)").result("None").ok();
    host.cell("text.downcast_ref::<&str>()").result("Some(\"a text\")").ok();
}

#[test]
fn definitions_that_change_nothing_lose_nothing() {
    let mut host = Host::start();
    let definition = r"#[derive(Debug)]
struct Item { name: String, price: Price }
type Price = i32;";
    host.cell(definition).ok();
    host.cell(r#"let v = vec![Item { name: "a".into(), price: 7 }];"#).ok();
    for same in [
        r"/// Words.
#[derive(Debug, Clone, PartialEq)]
struct Item { /* more */ name: String, price: Price }",
        "type Price = i32; // the same",
        r"#[derive(Debug, Clone, PartialEq)]
pub struct Item { name: String, price: Price }",
        "impl Item { fn double(&self) -> i32 { 2 * self.price } }",
        r#"impl std::fmt::Display for Item { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, "!") } }"#,
        r"struct Other(Item);
fn price(item: &Item) -> i32 { item.price }",
    ] {
        host.cell(same).ok();
        host.cell("v[0].price").result("7").ok();
    }
    host.cell("v[0].double() + price(&v[0])").result("21").ok();
    let options = CellOptions { snapshot: false, ..CellOptions::default() };
    host.cell_with(options, "v[0].clone()").result("Item { name: \"a\", price: 7 }").ok();
}

#[test]
fn to_look_at_a_lost_variable_says_the_same() {
    let mut host = Host::start();
    host.cell("#[derive(Debug)] struct Item(u8);").ok();
    host.cell("let v = Item(1);").ok();
    host.cell("#[derive(Debug)] struct Item(f64);").ok();
    match host.value("v") {
        VariableValue::Problem { problem } => assert!(problem.contains("another definition of `Item`"), "{problem}"),
        other => panic!("{other:?}"),
    }
    host.cell("v.0").fails("TypeChanged").says("which cell [3] has changed");
    host.cell("let v = Item(1.5);").ok();
    host.cell("v.0").result("1.5").ok();
}

#[test]
fn what_people_write_still_compiles() {
    let mut host = Host::start();
    for (code, result) in [
        (
            "#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)] struct P { x: i32, y: i32 }",
            None,
        ),
        ("let p = P { x: 1, ..P::default() };\np.x", Some("1")),
        (
            r#"struct W(i32, String);
let W(a, b) = W(1, "b".into());
(a, b)"#,
            Some("(1, \"b\")"),
        ),
        (
            r"mod a { pub struct S { pub(super) x: u8, y: u8 }
 impl S { pub fn new() -> Self { S { x: 1, y: 2 } } pub fn y(&self) -> u8 { self.y } } }",
            None,
        ),
        ("let s = a::S::new();\ns.x + s.y()", Some("3")),
        ("mod b { use super::P; pub fn far() -> P { P { x: 9, y: 9 } } }", None),
        ("b::far().x", Some("9")),
        ("enum Op { Add(i32), Neg }\nuse Op::*;", None),
        ("match Add(3) { Add(n) => n, Neg => 0 }", Some("3")),
        ("trait Area { const SIDES: u8; fn area(&self) -> f64; fn twice(&self) -> f64 { 2.0 * self.area() } }", None),
        ("impl Area for P { const SIDES: u8 = 4; fn area(&self) -> f64 { 1.5 } }", None),
        ("p.twice() + P::SIDES as f64", Some("7.0")),
        (
            r"struct Tree<T> { value: T, left: Option<Box<Tree<T>>> }
impl<T: Copy> Tree<T> { fn sum(&self) -> T { self.value } }",
            None,
        ),
        ("Tree { value: 2, left: Some(Box::new(Tree { value: 1, left: None })) }.left.unwrap().sum()", Some("1")),
        ("struct Unit;\nfn make() -> Unit { Unit }\nlet u = make();", None),
        ("#[derive(Debug)] struct Str<'a> { of: &'a str }\nStr { of: \"x\" }.of", Some("\"x\"")),
        ("struct N<const K: usize>([u8; K]);\nN([1, 2]).0.len()", Some("2")),
        ("impl P { const ZERO: P = P { x: 0, y: 0 }; }\nP::ZERO.y", Some("0")),
        ("macro_rules! point { ($x:expr) => { P { x: $x, y: 0 } } }\npoint!(4).x", Some("4")),
        (
            r#"struct Secret(u8);
impl std::fmt::Debug for Secret { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("?") } }
Secret(1)"#,
            Some("?"),
        ),
        ("type Point = P;\nPoint { x: 5, y: 1 }.x", Some("5")),
        (
            r"mod outer {
    pub struct A(pub u8);
    pub const N: usize = 2;
    pub fn one() -> u8 { 1 }
    pub mod inner {
        pub struct B { pub a: super::A, pub all: [u8; super::N], pub p: super::super::P }
        pub trait Tr { fn f(&self) -> u8 { use super::one; super::one() + one() + [super::one()].len() as u8 } }
        impl Tr for B {}
        #[derive(Debug)] pub(super) enum E { V(u8) }
    }
}
use outer::inner::Tr;
outer::inner::B { a: outer::A(1), all: [0; outer::N], p: P { x: 1, y: 1 } }.f()",
            Some("3"),
        ),
        (
            r"macro_rules! item { ($name:ident) => { pub struct $name(pub u8); } }
fn above() -> u8 { 1 }
mod made {
    item!(Made);
    pub(super) fn f() -> u8 { super::above() }
    pub mod n { pub(in super::super) fn g(made: super::Made) -> u8 { made.0 + super::super::above() + super::f() } }
}
use made::{Made, f};
made::n::g(Made(1)) + f()",
            Some("4"),
        ),
        (
            r"mod m { macro_rules! vec { () => { 7u8 } } pub(crate) use vec; }
use m::vec;
trait Seven { fn seven(&self) -> u8 { vec![] } }
impl Seven for u8 {}
1u8.seven() + vec![]",
            Some("14"),
        ),
        (
            r#"#[cfg(any())] struct Nowhere { of: Missing }
#[cfg(all())] struct Here(u8);
#[cfg_attr(all(), cfg(any()), derive(Debug))] struct NowhereEither;
#[cfg_attr(all(), derive(Debug))] struct Attributed;
format!("{} {:?}", Here(3).0, Attributed)"#,
            Some("\"3 Attributed\""),
        ),
        ("struct FerrobookOwn(u8);\nFerrobookOwn(3).0", Some("3")),
        (
            r"struct FnBox { f: Box<dyn Fn(i32) -> i32 + Send> }
let f = FnBox { f: Box::new(|x| x + 1) };
(f.f)(1)",
            Some("2"),
        ),
        ("pub(crate) struct Crate { pub(crate) a: u8 }\nCrate { a: 3 }.a", Some("3")),
        ("use std::fmt::Display;\nstruct Shown<T: Display>(T);\nShown(3).0", Some("3")),
        ("union Bits { f: f32, u: u32 }\nunsafe { Bits { f: 1.0 }.u }", Some("1065353216")),
        (
            r#"trait Named { fn name(&self) -> String where Self: Sized; }
impl<T: std::fmt::Debug> Named for T { fn name(&self) -> String { format!("<{self:?}>") } }
1.name()"#,
            Some("\"<1>\""),
        ),
    ] {
        let transcript = host.cell(code);
        match result {
            Some(text) => drop(transcript.result(text).ok()),
            None => drop(transcript.ok()),
        }
    }
    let failure = host.cell("let wrong: P = W(1, String::new());").fails("E0308");
    failure.shows("expected `P`, found `W`").hides("ferrobook_");
    host.cell(
        r"struct Plain;
Plain == Plain",
    )
    .fails("E0369")
    .hides("ferrobook_");
}

#[test]
fn definitions_compile_whatever_is_forbidden() {
    let mut host = Host::start();
    host.cell("#![forbid(unused_imports)]\n#![deny(unreachable_pub)]\nstruct A(u8);\npub(crate) enum B { C }").ok();
    host.cell("A(1).0").result("1").ok();
}

#[test]
fn what_is_added_loses_nothing() {
    let mut host = Host::start();
    host.cell(
        r"use std::rc::*;
#[derive(Debug)] struct Item { of: Rc<u8> }
struct Numbers;
impl Iterator for Numbers { type Item = u8; fn next(&mut self) -> Option<u8> { Some(7) } }",
    )
    .ok();
    host.cell(
        "let item = Item { of: Rc::new(7) };\nlet mut numbers: std::iter::Peekable<Numbers> = Numbers.peekable();",
    )
    .ok();
    for more in [
        "use std::sync::atomic::*;",
        "impl std::ops::Add<u8> for Numbers { type Output = u8; fn add(self, _: u8) -> u8 { 1 } }",
        "impl std::ops::Add<u16> for Numbers { type Output = u16; fn add(self, _: u16) -> u16 { 1 } }",
        "impl Numbers { const fn new() -> Self { Numbers } }",
        "impl std::ops::Add<u16> for Numbers { type Output = u16; fn add(self, _: u16) -> u16 { 2 } }",
        "static COUNT: u8 = 1;",
    ] {
        host.cell(more).ok();
        host.cell("(*item.of, numbers.next())").result("(7, Some(7))").ok();
    }
}
