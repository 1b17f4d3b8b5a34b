//! `:dep`: progress while cargo works, and its own words when it fails.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::{Host, without_colours};
use ferrobook_protocol::{BuildProgress, Event, LivePhase, StreamName};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn dependencies() {
    let mut host = Host::start();
    host.cell(
        r#":dep itoa = "1"
let mut buffer = itoa::Buffer::new();
println!("{}", buffer.format(12));"#,
    )
    .stream_with(StreamName::Stderr, |text| {
        let text = without_colours(text);
        assert!(text.contains("Compiling itoa v1"), "{text}");
        assert!(!text.contains("ctx v"), "{text}");
    })
    .stdout("12\n")
    .ok();
    let (first, last) = (host.phases.first().unwrap(), host.phases.last().unwrap());
    assert_eq!((*first, *last), ((LivePhase::Compile, None), (LivePhase::Run, None)));
    let built = |(phase, crates): &(LivePhase, Option<BuildProgress>)| {
        assert_eq!((*phase, crates.map(|crates| crates.total)), (LivePhase::Compile, Some(2)), "{:?}", host.phases);
        crates.unwrap().done
    };
    let progress: Vec<_> = host.phases.iter().filter(|(_, crates)| crates.is_some()).map(built).collect();
    assert!(!progress.is_empty() && progress.is_sorted(), "{progress:?}");
    host.cell("itoa::Buffer::new().format(7).len()").result("1").ok();

    let failure = host.cell(":dep ferrobook-no-such-crate-xyz");
    let failure = failure
        .stream_with(StreamName::Stderr, |text| assert!(text.contains("Updating"), "{text}"))
        .fails("CargoError");
    assert_eq!(
        failure.error.evalue.lines().next(),
        Some("no matching package named `ferrobook-no-such-crate-xyz` found")
    );
    assert_eq!(failure.error.evalue.lines().count(), 2);
    host.cell("1 + 1").result("2").ok();

    host.cell("extern crate ferrobook_no_such_crate_abc;")
        .stream_with(StreamName::Stderr, |_| {})
        .fails("CargoError")
        .says("no matching package");
    host.cell("2 + 2").result("4").ok();
    host.cell(":dep").fails("EvcxrError");
}

/// A program of the toolchain itself, not rustup's proxy.
fn tool(name: &str) -> PathBuf {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
    Path::new(String::from_utf8(sysroot).unwrap().trim()).join("bin").join(name)
}

#[test]
fn several_dependencies_of_a_cell_are_resolved_together() {
    let directory = tempfile::tempdir().unwrap();
    let (bin, log) = (directory.path().join("bin"), directory.path().join("log"));
    std::fs::create_dir(&bin).unwrap();
    let script = format!("#!/bin/sh\necho \"$@\" >> {}\nexec {} \"$@\"\n", log.display(), tool("cargo").display());
    std::fs::write(bin.join("cargo"), script).unwrap();
    std::fs::set_permissions(bin.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
    symlink(tool("rustc"), bin.join("rustc")).unwrap();
    let mut host = Host::start_with(|command| {
        command
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("CARGO_HOME", directory.path().join("home"));
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    let calls = |beginning: &str| {
        let calls = std::fs::read_to_string(&log).unwrap_or_default();
        calls.lines().filter(|call| call.starts_with(beginning)).count()
    };
    let before = calls("build");
    host.cell(
        r#":dep itoa = "1"
:dep hex = "0.4"
:dep itoa = { version = "1" }
(itoa::Buffer::new().format(12).len(), hex::encode("a"))"#,
    )
    .stream_with(StreamName::Stderr, |_| {})
    .result("(2, \"61\")")
    .ok();
    // rust-analyzer's own question is written in another way.
    assert_eq!((calls("metadata --format-version=1"), calls("build") - before), (1, 1));

    for (code, wrong) in [
        (
            r#":dep fnv = "99"
:dep hex = "0.4"
hex::encode("b")"#,
            "fnv = \"^99\"",
        ),
        (
            r#":dep fnv = "1"
:dep base64ct = "99"
1"#,
            "base64ct = \"^99\"",
        ),
    ] {
        host.cell(code)
            .stream_with(StreamName::Stderr, |_| {})
            .fails("CargoError")
            .says(&format!("failed to select a version for the requirement `{wrong}`"));
    }
    host.cell(r#"hex::encode("b")"#).result("\"62\"").ok();
}

#[test]
fn dependencies_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("src/lib.rs");
    std::fs::create_dir_all(source.parent().unwrap()).unwrap();
    std::fs::write(directory.path().join("Cargo.toml"), "[package]\nname = \"broken\"\nedition = \"2024\"\n").unwrap();
    std::fs::write(
        &source,
        r#"pub fn f() -> i32 {
    "not a number"
}
"#,
    )
    .unwrap();
    let dependency = format!(":dep broken = {{ path = {:?} }}", directory.path().display().to_string());
    let mut host = Host::start();
    host.cell(&format!("{dependency}\nbroken::f()"))
        .stream_with(StreamName::Stderr, |_| {})
        .fails("CargoError")
        .shows("not a number")
        .shows("src/lib.rs:2:5")
        .says("could not compile `broken`");
    host.cell("1 + 1").result("2").ok();
    std::fs::write(
        &source,
        r#"pub fn f() -> i32 {
    panic!("in a dependency")
}
"#,
    )
    .unwrap();
    host.cell(&format!("{dependency}\nbroken::f()"))
        .stream_with(StreamName::Stderr, |_| {})
        .fails("panic")
        .says("in a dependency")
        .hides("panicked at cell");
}

#[test]
fn the_shipped_crate() {
    let mut host = Host::start();
    host.cell(
        r#":dep ferrobook
ferrobook::display(&[("text/html", "<b>b</b>"), ("text/plain", "b"), ("text/markdown", "**b**")]);"#,
    )
    .stream_with(StreamName::Stderr, |text| assert!(text.contains("ferrobook"), "{text}"))
    .display(&[("text/html", "<b>b</b>"), ("text/plain", "b"), ("text/markdown", "**b**")])
    .ok();
    host.cell(r#"ferrobook::html("<i>i</i>"); ferrobook::png(b"\x89PNG");"#)
        .display(&[("text/html", "<i>i</i>")])
        .display(&[("image/png", "iVBORw==")])
        .ok();
}
