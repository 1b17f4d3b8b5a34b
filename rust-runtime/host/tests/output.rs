//! What cells print: order, raw bytes, partial lines, displays.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Event, StreamName};
use std::time::{Duration, Instant};

#[test]
fn streams() {
    let mut host = Host::start();
    host.cell(r#"println!("one"); eprintln!("two"); println!("three"); eprint!("four");"#)
        .stdout("one\n")
        .stderr("two\n")
        .stdout("three\n")
        .stderr("four")
        .ok();
    host.cell(r#"print!("10 %\r"); print!("20 %\r"); print!("no newline 🦀")"#)
        .stdout("10 %\r20 %\rno newline 🦀")
        .ok();
    host.cell(r#"use std::io::Write; std::io::stdout().write_all(b"a\xff\xf0\x9f").unwrap();"#)
        .stdout("a\u{fffd}\u{fffd}")
        .ok();
    host.cell(
        r#"unsafe extern "C" { fn printf(format: *const std::ffi::c_char, ...) -> i32; }
unsafe { printf(c"from C %d, no newline".as_ptr(), 7); }"#,
    )
    .stdout("from C 7, no newline")
    .ok();
    host.cell(
        r#"std::thread::spawn(|| println!("in a thread")).join().unwrap();
println!("after it");"#,
    )
    .stdout("in a thread\nafter it\n")
    .ok();
    host.cell(r#"std::process::Command::new("echo").arg("from a child").status().unwrap();"#)
        .stdout("from a child\n")
        .ok();
    host.cell(r#"println!("EVCXR_ is text, EVCXR_PANIC_NOTIFICATION is, too");"#)
        .stdout("EVCXR_ is text, EVCXR_PANIC_NOTIFICATION is, too\n")
        .ok();
}

#[test]
fn partial_lines_come_while_the_cell_runs() {
    let mut host = Host::start();
    let code = r#"for i in 0..3 { print!("{i} "); std::thread::sleep(std::time::Duration::from_millis(400)); }"#;
    let id = host.begin(code);
    let mut first = None;
    let mut seen = String::new();
    let end = loop {
        match host.next() {
            Event::Stream { text, .. } => {
                first.get_or_insert_with(Instant::now);
                seen.push_str(&text);
            }
            Event::Done { .. } => break Instant::now(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(seen, "0 1 2 ", "{id}");
    assert!(end - first.unwrap() > Duration::from_millis(700), "the first number came late");
}

#[test]
fn displays() {
    let mut host = Host::start();
    host.cell("40 + 2").result("42").ok();
    host.cell(
        r#"println!("before");
"größe""#,
    )
    .stdout("before\n")
    .result("\"größe\"")
    .ok();
    host.cell("let unit = ();\nunit").ok();
    host.cell(r#"println!("unit")"#).stdout("unit\n").ok();
    host.cell("vec![1, 2].iter().map(|x| x * 2).collect::<Vec<_>>()").result("[2, 4]").ok();
    host.cell(
        r#"fn html(text: &str) { println!("EVCXR_BEGIN_CONTENT text/html\n<b>{text}</b>\nEVCXR_END_CONTENT"); }
html("one"); print!("between"); html("two"); html("three");"#,
    )
    .display(&[("text/html", "<b>one</b>")])
    .stdout("between")
    .display(&[("text/html", "<b>two</b>")])
    .display(&[("text/html", "<b>three</b>")])
    .ok();
    host.cell(
        r#"struct Picture;
impl Picture { fn evcxr_display(&self) {
println!("EVCXR_BEGIN_CONTENT text/plain\na picture\nEVCXR_END_CONTENT");
println!("EVCXR_BEGIN_CONTENT image/svg+xml\n<svg/>\nEVCXR_END_CONTENT"); } }
Picture"#,
    )
    .bundle(&[("text/plain", "a picture"), ("image/svg+xml", "<svg/>")], true)
    .ok();
    host.cell(
        r#"trait Mine { fn evcxr_display(&self); }
impl Mine for u128 { fn evcxr_display(&self) {
println!("EVCXR_BEGIN_CONTENT text/html\n<i>{self}</i>\nEVCXR_END_CONTENT"); } }
7u128"#,
    )
    .bundle(&[("text/html", "<i>7</i>")], true)
    .ok();
}

#[test]
fn much_output_is_fast_and_whole() {
    let mut host = Host::start();
    let code = r#"let line = "x".repeat(99); for _ in 0..300_000 { println!("{line}"); }"#;
    let started = Instant::now();
    let id = host.begin(code);
    let mut bytes = 0;
    loop {
        match host.next() {
            Event::Stream { id: of, name: StreamName::Stdout, text } if of == id => bytes += text.len(),
            Event::Done { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bytes, 30_000_000);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
