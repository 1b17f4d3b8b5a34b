//! Cells that read.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{Event, Request, StreamName};

impl Host {
    fn answer(&mut self, id: u32, prompt: &str, answer: &str) {
        match self.next() {
            Event::InputRequest { id: of, prompt: asked, password: false } if of == id => assert_eq!(asked, prompt),
            other => panic!("{other:?}"),
        }
        self.send(&Request::Input { id, value: Some(answer.to_owned()) });
    }
}

#[test]
fn stdin() {
    let mut host = Host::start();
    let code = r"let mut line = String::new();
std::io::stdin().read_line(&mut line).unwrap();
line";
    let id = host.begin_with(code, true);
    host.answer(id, "", "typed größe");
    host.finish(id, code).result("\"typed größe\\n\"").ok();

    let code = r"use std::io::Read;
let mut all = String::new();
std::io::stdin().read_to_string(&mut all).unwrap();
all";
    let id = host.begin_with(code, true);
    host.answer(id, "", "one");
    host.answer(id, "", "two");
    host.answer(id, "", "");
    host.finish(id, code).result("\"one\\ntwo\\n\"").ok();

    let code = r#"println!("EVCXR_INPUT_REQUEST:Name?");
let mut name = String::new();
std::io::stdin().read_line(&mut name).unwrap();
name"#;
    let id = host.begin_with(code, true);
    host.answer(id, "Name?", "Ferris");
    host.finish(id, code).result("\"Ferris\\n\"").ok();

    host.cell(
        r"let mut line = String::new();
std::io::stdin().read_line(&mut line).is_err()",
    )
    .stream_with(StreamName::Stderr, |text| assert!(text.contains("reads from stdin"), "{text}"))
    .result("true")
    .ok();

    let code = r"let mut line = String::new();
std::io::stdin().read_line(&mut line).unwrap();";
    let id = host.begin_with(code, true);
    assert!(matches!(host.next(), Event::InputRequest { .. }));
    host.interrupt();
    host.finish(id, code).fails("Interrupted");
    host.cell("name").result("\"Ferris\\n\"").ok();
}
