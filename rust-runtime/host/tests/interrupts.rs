//! Interrupts end what runs and keep the state; shutdown and the kernel's death end everything.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Event, Request};
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn interrupts() {
    let mut host = Host::start();
    host.cell("let v = vec![1, 2, 3];").ok();

    let code = r#"println!("running");
loop { std::hint::spin_loop(); }"#;
    let id = host.begin(code);
    host.wait_for("running");
    assert!(host.complete("v.", 2).0.is_empty());
    host.interrupt();
    host.finish(id, code).fails("Interrupted").says("values from before the cell");
    host.cell("v").result("[1, 2, 3]").ok();

    let endless = r#"loop { println!("endless"); }"#;
    let id = host.begin(endless);
    host.wait_for("endless");
    let asked = Instant::now();
    host.interrupt();
    loop {
        match host.next() {
            Event::Stream { .. } => {}
            Event::Error { error, .. } => assert_eq!(error.ename, "Interrupted"),
            Event::Done { id: of, .. } if of == id => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());

    let slow = format!(
        "fn slow() {{ {} }}",
        "let x = vec![1].into_iter().map(|x| x + 1).collect::<Vec<i32>>(); drop(x);".repeat(2000)
    );
    let id = host.begin(&slow);
    std::thread::sleep(Duration::from_millis(1500));
    host.interrupt();
    host.finish(id, "slow").fails("Interrupted").says("compilation interrupted");
    host.cell("v").result("[1, 2, 3]").ok();

    let shell = "!sleep 60";
    let id = host.begin(shell);
    std::thread::sleep(Duration::from_millis(200));
    host.interrupt();
    host.finish(id, shell).fails("Interrupted");
    host.interrupt();
    host.cell("v.len()").result("3").ok();
}

/// It asks cargo and rustc about the standard library first, and makes do without an answer.
#[test]
fn an_interrupt_while_rust_analyzer_reads_the_standard_library() {
    for wait in [50, 150, 300, 600] {
        let mut host = Host::start();
        // Another one each time: what is known takes no reading.
        let code = format!(r#"let lengths = ["a", "{wait}"].iter().map(|text| text.len()).collect::<Vec<_>>();"#);
        let id = host.begin(&code);
        std::thread::sleep(Duration::from_millis(wait));
        host.interrupt();
        host.finish(id, &code).fails("Interrupted");
        host.cell(&code).ok();
        host.cell("let longest = lengths.iter().copied().max(); longest.is_some()").result("true").ok();
        assert!(host.complete("lengths.rot", 11).0.iter().any(|name| name.starts_with("rotate_left")));
    }
}

/// The processes that carry this text in their command line.
fn processes_with(text: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.contains(text)).collect()
}

fn wait_until_gone(what: &str, gone: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !gone() {
        assert!(Instant::now() < deadline, "{what} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn everything_ends_with_the_host() {
    for (seconds, end) in [(86_011u32, 0), (86_012, 1), (86_013, 2)] {
        let mut host = Host::start();
        let marker = seconds.to_string();
        host.cell(&format!(
            r#"std::process::Command::new("sleep").arg("{marker}").spawn().unwrap();
let pid = std::process::id();"#
        ))
        .ok();
        let mut pid = 0;
        host.cell("pid").display_with(|data| pid = data["text/plain"].parse().unwrap()).ok();
        assert_eq!(processes_with(&format!("sleep\0{marker}")).len(), 1);
        assert!(Path::new(&format!("/proc/{pid}")).exists());
        match end {
            0 => host.send(&Request::Shutdown),
            1 => host.close_stdin(),
            _ => host.child.kill().unwrap(),
        }
        host.wait_for_exit();
        wait_until_gone("the cell process", || !Path::new(&format!("/proc/{pid}")).exists());
        wait_until_gone("what a cell started", || processes_with(&format!("sleep\0{marker}")).is_empty());
    }
}
