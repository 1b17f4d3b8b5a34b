//! Cells that hold text of evcxr's own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

/// What evcxr writes around its store of variables.
const TEXT: &str = r##"r#"
mod evcxr_internal_runtime {
}
#[unsafe(no_mangle)]
pub extern "C" fn run_user_code_1(
"#"##;

#[test]
fn a_string_with_evcxrs_text_changes_nothing_for_variables() {
    let mut host = Host::start();
    host.cell("let kept = vec![1, 2, 3];").ok();
    host.cell(&format!("const TEXT: &str = {TEXT};")).ok();
    host.cell(&format!(
        r"let text = {TEXT};
let more = kept.len() + text.len() - TEXT.len();"
    ))
    .ok();
    host.cell(r#"println!("{kept:?} {more}");"#).stdout("[1, 2, 3] 3\n").ok();
}
