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
