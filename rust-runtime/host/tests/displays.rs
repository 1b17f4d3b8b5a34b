//! Libraries and notebooks that show values in ways of their own, as evcxr's `evcxr_display` lets them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;

#[test]
fn a_trait_of_the_notebook_that_shows_values_leaves_the_others_as_they_are() {
    let mut host = Host::start();
    host.cell(
        r#"
trait Shown {
    fn evcxr_display(&self) { println!("EVCXR_BEGIN_CONTENT text/plain\nshown\nEVCXR_END_CONTENT"); }
}
struct Own;
impl Shown for Own {}
"#,
    )
    .ok();
    host.cell("Own").bundle(&[("text/plain", "shown")], true).ok();
    host.cell("vec![1_i32]").result("[1]").ok();
    host.cell("\"a\"").result("\"a\"").ok();
    host.cell("1 + 1").result("2").ok();
}

#[test]
fn a_trait_of_a_crate_shows_its_values() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(directory.path().join("src")).unwrap();
        std::fs::write(directory.path().join(name), text).unwrap();
    };
    write("Cargo.toml", "[package]\nname = \"pictures\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
    write(
        "src/lib.rs",
        r#"
pub trait Picture { fn evcxr_display(&self); }
impl Picture for Vec<u8> {
    fn evcxr_display(&self) { println!("EVCXR_BEGIN_CONTENT text/plain\na picture of {}\nEVCXR_END_CONTENT", self.len()); }
}
"#,
    );
    let mut host = Host::start();
    host.cell(&format!(":dep pictures = {{ path = {:?} }}\nuse pictures::*;", directory.path().display().to_string()))
        .shown();
    host.cell("vec![1_u8, 2]").bundle(&[("text/plain", "a picture of 2")], true).ok();
    host.cell("vec![1_i32, 2]").result("[1, 2]").ok();
    host.cell("\"a\"").result("\"a\"").ok();
}
