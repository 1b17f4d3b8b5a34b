//! evcxr's commands, and those that the host has its own mind about.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::StreamName;

#[test]
fn commands() {
    let mut host = Host::start();
    host.cell(":vars").display_with(|data| assert_eq!(data["text/plain"], "")).ok();
    host.cell("let x = 0.1 + 0.2; fn item() {}").ok();
    host.cell(":vars")
        .display(&[
            ("text/plain", "x: f64\n"),
            ("text/html", "<table><tr><th>Variable</th><th>Type</th></tr><tr><td>x</td><td>f64</td><tr></table>"),
        ])
        .ok();
    host.cell(":quit").stream_with(StreamName::Stdout, |text| assert!(text.contains("restart"), "{text}")).ok();
    host.cell(
        r#":types
Some(String::from("a"))"#,
    )
    .stdout("Types: true\n")
    .result(": Option<String> = Some(\"a\")")
    .ok();
    host.cell(":types").stdout("Types: false\n").ok();
    host.cell(":fmt {:.3}\nx").stdout("Output format: {:.3}\n").result("0.300").ok();
    host.cell("x * 2.0").result("0.600").ok();
    host.cell(":fmt {:#?}\nSome(1)").stdout("Output format: {:#?}\n").result("Some(\n    1,\n)").ok();
    host.cell(":fmt").stdout("Output format: {:?}\n").ok();
    // Which of a shell's two streams comes first cannot be known.
    host.cell("!echo out").stdout("out\n").ok();
    host.cell("!echo err >&2").stderr("err\n").ok();
    host.cell("!exit 3").fails("ShellCommandFailed").says("exit code 3");
    host.cell(":opt 0\n1 + 1").stdout("Optimization: 0\n").result("2").ok();
    host.cell(":restart").stdout("Child process restarted\n").ok();
    host.cell(":vars").display_with(|data| assert_eq!(data["text/plain"], "")).ok();
    host.cell(r#"item(); panic!("still mapped")"#).fails("panic").shows("cell:1:9");
    host.cell("let y = 1;").ok();
    host.cell(":clear").ok();
    host.cell("y").fails("E0425");
    host.cell("item()").fails("E0425");
    host.cell("6 * 7").result("42").ok();
}
