//! The copy of the process before each cell: when there is none, and what it cannot keep.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{CellOptions, Event, SnapshotPolicy, StreamName};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

const LOST: &str = "the Rust variables are lost, functions and types are kept";

#[test]
fn a_cell_that_asked_for_no_snapshot_loses_the_variables() {
    let mut host = Host::start();
    host.cell(
        r"let v = 1;
fn kept() -> i32 { 2 }",
    )
    .ok();
    host.cell_with(CellOptions { snapshot: false, ..CellOptions::default() }, "v + 1").result("2").ok();
    host.cell_with(CellOptions { snapshot: false, ..CellOptions::default() }, "std::process::abort();")
        .fails("SIGABRT")
        .says(LOST);
    host.cell("v").fails("E0425");
    host.cell("kept()").result("2").ok();
    host.cell("let v = 3;").ok();
    host.cell("std::process::abort();").fails("SIGABRT").says("values from before the cell");
    host.cell("v").result("3").ok();
}

#[test]
fn above_the_limit_there_is_one_notice() {
    let mut host = Host::start_with(|command| {
        command.env("FERROBOOK_SNAPSHOT_LIMIT", "64MiB");
    });
    match host.next() {
        Event::Ready { snapshots, .. } => assert_eq!(snapshots, SnapshotPolicy { limit_mb: 64 }),
        other => panic!("{other:?}"),
    }
    host.cell("let large = vec![1u8; 128 << 20];").ok();
    host.cell("large.len()")
        .stream_with(StreamName::Stderr, |text| {
            assert!(text.contains("an interrupt loses the Rust variables") && text.contains("above 64.0M"), "{text}");
        })
        .result("134217728")
        .ok();
    host.cell("large.len()").result("134217728").ok();
    host.cell("std::process::abort();").fails("SIGABRT").says(LOST);
    host.cell("let small = 1;").ok();
    host.cell("std::process::abort();").fails("SIGABRT").says("values from before the cell");
    host.cell("small").result("1").ok();
}

#[test]
fn a_setting_that_makes_no_sense_is_told() {
    let mut host = Host::start_with(|command| {
        command.env("FERROBOOK_SNAPSHOT_LIMIT", "plenty");
    });
    assert!(matches!(host.next(), Event::Ready { .. }));
    host.cell("1")
        .stream_with(StreamName::Stderr, |text| assert!(text.contains("\"plenty\""), "{text}"))
        .result("1")
        .ok();
    host.cell("2").result("2").ok();
}

const POOL: &str = r#"use std::sync::mpsc;
let (jobs, queue) = mpsc::channel::<(u32, mpsc::Sender<u32>)>();
std::thread::Builder::new().name("squarer".into()).spawn(move || {
for (n, reply) in queue { reply.send(n * n).unwrap(); }
}).unwrap();"#;
const ASK: &str = r"let (reply, answer) = mpsc::channel();
jobs.send((7, reply)).unwrap();
answer.recv().unwrap()";

#[test]
fn threads_that_a_crash_has_cost_are_named_and_never_waited_for_without_end() {
    let mut host = Host::start();
    host.cell(POOL).ok();
    host.cell(ASK).result("49").ok();
    host.cell("std::process::abort();")
        .fails("SIGABRT")
        .says("a thread that an earlier cell had started is gone (squarer)");
    let asked = Instant::now();
    host.cell(ASK).fails("LostThreads").says("would have waited for ever").says("values from before the cell");
    assert!(asked.elapsed() < Duration::from_secs(20));
    host.cell(POOL).ok();
    host.cell(ASK).result("49").ok();
    host.cell(
        r"let waited = std::time::Instant::now();
std::thread::sleep(std::time::Duration::from_millis(2500));",
    )
    .ok();
    host.cell(
        "std::thread::scope(|s| s.spawn(|| std::thread::sleep(std::time::Duration::from_millis(2500))).join().is_ok())",
    )
    .result("true")
    .ok();
}

#[test]
fn a_thread_that_prints_without_end_does_not_spoil_snapshots() {
    let mut host = Host::start();
    host.cell(
        r#"let kept = 5;
std::thread::spawn(|| loop { print!(""); eprint!(""); });"#,
    )
    .ok();
    for _ in 0..10 {
        host.cell("std::process::abort();").fails("SIGABRT").says("values from before the cell");
        host.cell(r#"println!("{kept}");"#).stdout("5\n").ok();
        host.cell(r#"std::thread::spawn(|| loop { print!(""); eprint!(""); });"#).ok();
    }
    host.cell(
        r"let lock = std::io::stdout().lock();
std::mem::forget(lock);
kept",
    )
    .result("5")
    .ok();
    host.cell("kept").result("5").ok();
}

#[test]
fn stopped_processes_are_woken_by_an_interrupt() {
    let mut host = Host::start();
    host.cell("let kept = 5;").ok();
    let endless = r#"println!("going");
loop { std::hint::spin_loop(); }"#;
    let id = host.begin(endless);
    host.wait_for("going");
    let holder = Pid::from_raw(host.holder);
    let group = nix::unistd::getpgid(Some(holder)).unwrap();
    // The keeper, the process of the cell and its snapshot.
    nix::sys::signal::killpg(group, Signal::SIGSTOP).unwrap();
    host.interrupt();
    host.finish(id, endless).fails("Interrupted").says("values from before the cell");
    host.cell("kept").result("5").ok();
    assert_ne!(host.holder, holder.as_raw());
}

fn says_they_are_lost(text: &str) {
    assert!(text.contains("has ended, and they are lost") && text.contains("SIGSEGV"), "{text}");
}

#[test]
fn a_cell_that_finds_the_variables_gone_is_told_and_runs_all_the_same() {
    let mut host = Host::start();
    host.cell(
        r"let lost = 5;
fn kept() -> i32 { 6 }",
    )
    .ok();
    kill(Pid::from_raw(host.holder), Signal::SIGSEGV).unwrap();
    host.cell("kept()").stream_with(StreamName::Stderr, says_they_are_lost).result("6").ok();
    host.cell("lost").fails("E0425");
    let endless = r#"println!("going");
loop { std::hint::spin_loop(); }"#;
    let id = host.begin(endless);
    host.wait_for("going");
    let group = nix::unistd::getpgid(Some(Pid::from_raw(host.holder))).unwrap();
    kill(group, Signal::SIGKILL).unwrap();
    host.finish(id, endless).fails("ProcessExit").says("and they are lost");
    host.cell("kept()").result("6").ok();
}

/// By itself, glibc gives memory back only from the end of its heap, and here something is left at the end.
#[test]
#[cfg(target_env = "gnu")]
fn what_a_cell_has_freed_is_not_in_the_next_copy() {
    let resident_mb = r#"
        fn resident_mb() -> u64 {
            let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
            statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096 >> 20
        }"#;
    let mut host = Host::start();
    host.cell(resident_mb).ok();
    host.cell("let mut pieces: Vec<Vec<u8>> = (0..2000).map(|_| vec![1; 64 << 10]).collect();").ok();
    host.cell("assert!(resident_mb() > 125);").ok();
    host.cell(
        r"let last = pieces.split_off(1999);
pieces.clear();
let touched = vec![1u8; 8 << 20];",
    )
    .ok();
    host.cell(
        r#"let now = resident_mb();
assert!(now < 100, "{now} MB");"#,
    )
    .ok();
    host.cell("last.len() + pieces.len() + touched.len()").result("8388609").ok();
}
