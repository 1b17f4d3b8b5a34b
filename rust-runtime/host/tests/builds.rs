//! How cells are compiled: with debug checks where they ask for them, for the processor that the user has named.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{CellOptions, Event, StreamName};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// Fails as rustc does when it cannot cope with what it has kept of an earlier run.
const PANICKING: &str = r#"#!/bin/sh
kept=
for word; do case "$word" in incremental=*) kept=${word#incremental=};; esac; done
if [ -e "$0.panics" ] && [ -n "$kept" ] && [ -n "$(ls -A "$kept")" ]; then
    echo x >> "$0.panics"
    echo "error: the compiler unexpectedly panicked. This is a bug" >&2
    exit 101
fi
exec "$@"
"#;

#[test]
fn a_compiler_that_panics_over_what_it_has_kept_gets_another_try() {
    let directory = TempDir::new().unwrap();
    let wrapper = directory.path().join("wrapper");
    std::fs::write(&wrapper, PANICKING).unwrap();
    std::fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755)).unwrap();
    let mut host = Host::start_with(|command| {
        command.env("RUSTC_WRAPPER", &wrapper).env("FERROBOOK_CACHE_DIR", "off");
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    host.cell("let kept = 1;").ok();
    let panics = directory.path().join("wrapper.panics");
    std::fs::write(&panics, "").unwrap();
    host.cell("kept + 1").result("2").ok();
    assert_eq!(std::fs::read_to_string(&panics).unwrap(), "x\n");
}

const DEBUG: CellOptions = CellOptions { snapshot: true, cache: true, debug: true };

#[test]
fn debug_checks_are_for_the_cell_that_asks_for_them() {
    let mut host = Host::start();
    host.cell(
        r"#[inline(never)]
fn next(n: u8) -> u8 {
    n + 1
}",
    )
    .ok();
    let code = r"let last = u8::MAX;
next(last)";
    for cached in [false, true] {
        let timing = host.cell(code).result("0").ok();
        assert!(!timing.build.debug);
        assert_eq!(timing.cached, cached);

        let failure = host.cell_with(DEBUG, code).fails("panic").says("attempt to add with overflow");
        assert!(failure.timing.build.debug);
        assert_eq!(failure.timing.cached, cached, "the results of both are kept");
        failure.shows("panicked at an earlier cell:3:5").shows("at next (an earlier cell:3:5)");
    }
    host.cell("let i = 3u32; let sum: u32 = [1, u32::MAX].iter().sum(); (cfg!(debug_assertions), sum)")
        .result("(false, 0)")
        .ok();
    host.cell_with(DEBUG, "cfg!(debug_assertions)").result("true").ok();
    host.cell_with(DEBUG, r#"debug_assert!(i == 4, "i is {i}");"#).fails("panic").says("i is 3");
    host.cell("debug_assert!(i == 4); i").result("3").ok();
}

#[test]
fn values_are_shared_by_cells_with_and_without_debug_checks() {
    let mut host = Host::start();
    host.cell(
        r#"#[derive(Debug)]
struct Point { x: i32, name: String }
let p = Point { x: 1, name: "p".to_owned() };"#,
    )
    .ok();
    host.cell_with(DEBUG, "let q = Point { x: p.x + 1, ..p };").ok();
    host.cell("q").result("Point { x: 2, name: \"p\" }").ok();
    host.cell(
        r"use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
static N: AtomicU32 = AtomicU32::new(1);",
    )
    .ok();
    host.cell_with(DEBUG, "N.fetch_add(1, SeqCst)").result("1").ok();
    host.cell("N.load(SeqCst)").result("2").ok();
}

#[test]
fn a_type_that_debug_assertions_change_is_refused_in_a_cell_with_debug_checks() {
    let mut host = Host::start();
    host.cell("struct Guard { #[cfg(debug_assertions)] owner: u64, n: u8 }").ok();
    host.cell("let guard = Guard { #[cfg(debug_assertions)] owner: 1, n: 2 };").ok();
    host.cell_with(DEBUG, "guard.n").fails("DebugAssertions").says("`Guard`").says("without --debug");
    host.cell("guard.n").result("2").ok();
    host.cell("struct Guard { n: u8 }").ok();
    host.cell_with(DEBUG, "Guard { n: 3 }.n").result("3").ok();
    host.cell_with(DEBUG, "enum E { A, #[cfg(debug_assertions)] B }").fails("DebugAssertions").says("`E`");
}

#[test]
fn dependencies_stay_as_they_are_in_a_cell_with_debug_checks() {
    let mut host = Host::start();
    host.cell(
        r#":dep itoa = "1"
itoa::Buffer::new().format(1u8).to_owned()"#,
    )
    .stream_with(StreamName::Stderr, |_| {})
    .result("\"1\"")
    .ok();
    // A crate that is compiled says so on stderr.
    host.cell_with(DEBUG, "itoa::Buffer::new().format(2u8).to_owned()").result("\"2\"").ok();
}

fn start_for(target_cpu: &str, cache: &TempDir) -> Host {
    let mut host = Host::start_with(|command| {
        command.env("FERROBOOK_TARGET_CPU", target_cpu).env("FERROBOOK_CACHE_DIR", cache.path());
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    host
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_processor_that_code_is_made_for() {
    let cache = tempfile::tempdir().unwrap();
    let code = r#"cfg!(target_feature = "sse4.2")"#;
    for (target_cpu, result, cached) in
        [("", "false", false), ("x86-64-v2", "true", false), ("", "false", true), ("x86-64-v2", "true", true)]
    {
        let timing = start_for(target_cpu, &cache).cell(code).result(result).ok();
        assert_eq!(timing.build.target_cpu.unwrap_or_default(), target_cpu);
        assert_eq!(timing.cached, cached, "{target_cpu}");
    }
    let mut host = start_for("native", &cache);
    let timing = host.cell(r#"cfg!(target_feature = "avx2") == std::is_x86_feature_detected!("avx2")"#).result("true");
    assert_eq!(timing.ok().build.target_cpu.as_deref(), Some("native"));
}

#[test]
fn a_processor_that_nobody_knows() {
    let cache = tempfile::tempdir().unwrap();
    let mut host = start_for("z80", &cache);
    let transcript = host.cell("1 + 1").stream_with(StreamName::Stderr, |text| {
        assert!(text.starts_with("FERROBOOK_TARGET_CPU=z80 is no processor that rustc knows"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
    });
    assert_eq!(transcript.result("2").ok().build.target_cpu, None);
    host.cell("2 + 2").result("4").ok();
}
