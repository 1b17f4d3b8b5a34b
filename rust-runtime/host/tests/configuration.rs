//! The user's evcxr configuration, and toolchains that cannot be used.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Event, StreamName};
use std::os::unix::fs::PermissionsExt;

#[test]
fn evcxr_configuration_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("init.evcxr"), ":efmt {:?}\n").unwrap();
    std::fs::write(directory.path().join("prelude.rs"), "fn from_prelude() -> i32 { 7 }\n").unwrap();
    let mut host = Host::start_with(|command| {
        command.env("EVCXR_CONFIG_DIR", directory.path());
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    host.cell("from_prelude()").result("7").ok();
}

#[test]
fn a_broken_configuration_does_not_prevent_the_start() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("prelude.rs"), "fn broken(\n").unwrap();
    let mut host = Host::start_with(|command| {
        command.env("EVCXR_CONFIG_DIR", directory.path());
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    host.cell("1 + 1")
        .stream_with(StreamName::Stderr, |text| assert!(text.contains("configuration was not loaded"), "{text}"))
        .result("2")
        .ok();
    host.cell("1 + 1").result("2").ok();
}

#[test]
fn without_a_toolchain_each_cell_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let mut host = Host::start_with(|command| {
        command.env("PATH", "/usr/bin:/bin").env("HOME", home.path()).env_remove("CARGO_HOME");
    });
    match host.next() {
        Event::Unavailable { message, help } => {
            assert!(message.contains("cargo"), "{message}");
            assert!(help.contains("https://rustup.rs"), "{help}");
        }
        other => panic!("{other:?}"),
    }
    host.cell("1 + 1").fails("ToolchainMissing").says("https://rustup.rs");
    assert!(host.complete("std::", 5).0.is_empty());
}

#[test]
fn a_toolchain_that_is_too_old() {
    let bin = tempfile::tempdir().unwrap();
    for (name, text) in [("cargo", "cargo 1.80.0"), ("rustc", "rustc 1.80.0 (x 2024-07-21)")] {
        let path = bin.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho '{text}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", bin.path().display());
    let mut host = Host::start_with(|command| {
        command.env("PATH", path).env("HOME", bin.path()).env_remove("CARGO_HOME");
    });
    assert!(matches!(host.next(), Event::Unavailable { .. }));
    host.cell("1 + 1").fails("ToolchainTooOld").says("rustup update").says("1.80.0");
}
