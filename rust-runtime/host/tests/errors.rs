//! Cells that do not compile: one error, in the cell's own lines.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

#[test]
fn compile_errors() {
    let mut host = Host::start();
    let failure = host
        .cell(
            r#"let größe = "ä"; // 🦀

let x: i32 = größe;"#,
        )
        .fails("E0308")
        .says("mismatched types")
        .shows("--> cell:3:14")
        .shows("3 | let x: i32 = größe;")
        .shows("expected `i32`, found `&str`")
        .hides("evcxr");
    let phases: Vec<_> = failure.timing.phases.iter().filter(|phase| phase.name != "start").collect();
    assert_eq!(phases.len(), 1);
    assert_eq!(phases[0].name, "compile");
    assert!(phases[0].ms > 10.0);
    host.cell("let small: u8 = 256;")
        .fails("overflowing_literals")
        .shows("--> cell:1:17")
        .shows("`#[deny(overflowing_literals)]` on by default");
    host.cell(r#"let s = String::from("a"); let t = s; println!("{s}");"#)
        .fails("E0382")
        .shows("value moved here")
        .shows("value borrowed here");
    host.cell(
        r#"println!("{}", missing_a);
println!("{}", missing_b);"#,
    )
    .fails("E0425")
    .shows("cell:1:16")
    .shows("cell:2:16");
    host.cell("let = ;").fails("error").shows("cell:1:1").says("pattern");
    host.cell("1 + 1;\n}").fails("error").shows("cell:2:1").says("closing `}`");
    host.cell(r#"fn f() -> i32 { "x" }"#).fails("E0308").shows("cell:1:17");
    host.cell("struct Plain;\nPlain").fails("E0277").says("Plain").hides("Ferrobook").shows("cell:2:1");
    host.cell("let v = vec![1];\nv.push(2);").fails("E0596").shows("cell:2:1").shows("let mut v");
    host.cell("let f = |x: i32| x + 1;").fails("EvcxrError").says("Box<dyn Fn").says("is a closure");
    host.cell("let warned = 1; let unused = 2; fn dead() {}").ok();
    host.cell(":nonsense").fails("EvcxrError").says("Unrecognised command").shows("cell:1:1");
}

#[test]
fn errors_in_code_of_earlier_cells() {
    let mut host = Host::start();
    host.cell(
        r"

fn takes(text: &str) -> usize {
    text.len()
}",
    )
    .ok();
    host.cell("takes(1)").fails("E0308").shows("cell:1:7").shows("an earlier cell:3:4").shows("fn takes(text: &str)");
}

#[test]
fn question_mark() {
    let mut host = Host::start();
    host.cell("let kept = 5;").ok();
    host.cell(
        r#"println!("first");
eprintln!("of its own");
std::fs::read_to_string("/does/not/exist")?;
println!("never");"#,
    )
    .stdout("first\n")
    .stderr("of its own\n")
    .fails("Error")
    .says("No such file or directory");
    host.cell("kept").result("5").ok();
}
