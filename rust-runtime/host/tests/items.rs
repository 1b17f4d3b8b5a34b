//! The order in which evcxr writes items is another one in each run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use std::fmt::Write as _;

#[test]
fn macros_may_be_used_by_items() {
    for _ in 0..3 {
        let mut host = Host::start();
        let mut code = String::new();
        for number in 0..10 {
            write!(
                code,
                r"fn before_{number}() -> u32 {{ m{number}!() }}
macro_rules! m{number} {{ () => {{ inner_{number}!() + {number} }} }}
macro_rules! inner_{number} {{ () => {{ 100 }} }}
mod module_{number} {{ pub fn f() -> u32 {{ m{number}!() }} }}
"
            )
            .unwrap();
        }
        host.cell(&code).ok();
        let sum: Vec<_> = (0..10).map(|number| format!("before_{number}() + module_{number}::f()")).collect();
        host.cell(&sum.join(" + ")).result("2090").ok();
        host.cell(
            r"macro_rules! m3 { () => { 0 } }
fn after() -> u32 { m3!() + before_3() }",
        )
        .ok();
        host.cell("after()").result("0").ok();
        host.cell(
            r#"
fn wrong() -> u32 {
    m4!() + "x"
}"#,
        )
        .fails("E0277")
        .shows("cell:3:11");
        host.cell(
            r"fn late(n: u32) -> u32 {
    m4!() / n
}",
        )
        .ok();
        host.cell("late(std::env::args().count() as u32 - 1)").fails("panic").shows("an earlier cell:2:5");
    }
}

#[test]
fn bit_flags_are_there_in_later_cells() {
    let mut host = Host::start();
    host.cell(":dep bitflags = \"2\"\nuse bitflags::bitflags;").shown();
    host.cell(
        r"
bitflags! {
    #[derive(Clone, Copy, Debug)]
    struct Flags: u32 {
        const A = 1;
        const B = 2;
    }
    pub struct Others: u8 { const C = 1; }
}",
    )
    .ok();
    host.cell("let flags = Flags::A | Flags::B;").ok();
    host.cell("(flags.bits(), Others::C.bits())").result("(3, 1)").ok();
    let edited = "bitflags! {\n    #[derive(Debug)] struct Flags: u8 { const A = 4; }\n}";
    host.cell(edited).ok();
    host.cell("flags.bits()").fails("TypeChanged").says("`Flags`");
    host.cell("Flags::A.bits()").result("4").ok();
    host.cell("bitflags! {\n    struct Bad: u8 {\n        const A = \"a\";\n    }\n}")
        .fails("E0308")
        .shows("cell:3:19");
}
