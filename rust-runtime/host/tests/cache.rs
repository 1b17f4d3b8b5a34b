//! What was compiled once is not compiled again, and never used when it is not what would be compiled now.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::{CellOptions, Event, StreamName};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Kernels with a cache of their own.
struct Kernels {
    directory: TempDir,
    environment: Vec<(String, String)>,
}

impl Kernels {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn set(&mut self, name: &str, value: impl AsRef<Path>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.as_ref().display().to_string()));
    }

    fn start(&self) -> Host {
        let mut host = Host::start_with(|command| {
            command.env("FERROBOOK_CACHE_DIR", self.path("cache"));
            command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        });
        assert!(matches!(host.next(), Event::Ready { .. }));
        host
    }

    /// Has each start of rustc noted in a file. A wrapper of the user's own is called in rustc's place.
    fn count_rustc(&mut self) {
        let log = self.path("rustc.log");
        script(&self.path("wrapper"), &format!("echo \"$@\" >> {}\nexec \"$@\"\n", log.display()));
        self.set("RUSTC_WRAPPER", self.path("wrapper"));
        self.rustc_starts();
    }

    /// The starts of rustc since the last call.
    fn rustc_starts(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path("rustc.log")).unwrap_or_default();
        std::fs::write(self.path("rustc.log"), "").unwrap();
        log.lines().map(str::to_owned).collect()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn results(&self) -> Vec<PathBuf> {
        let folders = std::fs::read_dir(self.path("cache/v1")).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.filter(|folder| folder.is_dir()).flat_map(|folder| std::fs::read_dir(folder).unwrap());
        files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|is| is == "result"))
            .collect()
    }
}

fn script(path: &Path, text: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// A notebook with what makes evcxr's code differ from run to run: many variables, many items, failing builds.
const NOTEBOOK: [(&str, Option<&str>); 13] = [
    ("use std::collections::{BTreeMap, HashMap};\nuse std::sync::atomic::{AtomicU32, Ordering::SeqCst};", None),
    (
        r"struct A(u8);
struct B;
fn c() -> u32 { 3 }
fn d(b: &B) -> u32 { c() }
macro_rules! e { () => { c() + 1 } }
const F: u32 = 1;
impl A { fn g(&self) -> u8 { self.0 } }",
        None,
    ),
    (
        r#"let a = 1u32; let b = String::from("b"); let mut c2 = vec![1u32]; let d2 = 1.5; let e2 = [1, 2]; let f2 = (1, 'x'); let g2 = A(7);"#,
        None,
    ),
    ("a + c() + e!()", Some("8")),
    (r#"println!("{b} {d2}");"#, None),
    ("c2.push(F); c2", Some("[1, 1]")),
    ("g2.g()", Some("7")),
    ("static N: AtomicU32 = AtomicU32::new(40);\nN.fetch_add(1, SeqCst)", Some("40")),
    ("N.fetch_add(1, SeqCst)", Some("41")),
    ("let moved = b; moved.len()", Some("1")),
    ("let n: u32 = \"12\".parse()?;\nn", Some("12")),
    ("let a = \"another type\";\na", Some("\"another type\"")),
    ("#[derive(Debug)] enum E { X, Y }\n[E::X, E::Y]", Some("[X, Y]")),
];

/// Runs the notebook, and returns which cells no rustc ran for.
fn run_all(host: &mut Host) -> Vec<bool> {
    let run = |(code, result): &(&str, Option<&str>)| {
        let transcript = host.cell(code);
        let transcript = if code.starts_with("println") { transcript.stdout("b 1.5\n") } else { transcript };
        match result {
            Some(result) => transcript.result(result).ok(),
            None => transcript.ok(),
        }
        .cached
    };
    NOTEBOOK.iter().map(run).collect()
}

#[test]
fn run_all_after_a_restart_starts_no_rustc() {
    let mut kernels = Kernels::new();
    kernels.count_rustc();
    let mut host = kernels.start();
    kernels.rustc_starts();
    // The two cells that ask for N are one and the same to the compiler.
    assert_eq!(run_all(&mut host).iter().filter(|cached| !**cached).count(), NOTEBOOK.len() - 1);
    assert!(kernels.rustc_starts().len() >= NOTEBOOK.len() - 1);
    drop(host);

    // Another kernel, in another directory.
    let mut host = kernels.start();
    kernels.rustc_starts();
    assert!(run_all(&mut host).iter().all(|cached| *cached));
    assert_eq!(kernels.rustc_starts(), [""; 0]);
    // The last cell is edited.
    assert!(!host.cell("[E::X]").result("[X]").ok().cached);
    assert_eq!(kernels.rustc_starts().len(), 1);
    let options = CellOptions { cache: false, ..CellOptions::default() };
    for _ in 0..2 {
        assert!(!host.cell_with(options, "[E::X]").result("[X]").ok().cached);
        assert_eq!(kernels.rustc_starts().len(), 1);
    }
    assert!(host.cell("[E::X]").result("[X]").ok().cached);

    let usage = host.cache(false);
    assert_eq!(usage.directory, Some(kernels.path("cache").display().to_string()));
    assert!(usage.hits >= 14 && usage.misses >= 14 && usage.entries >= 14 && usage.bytes > 100_000.0, "{usage:?}");
    assert_eq!(host.cache(true).entries, usage.entries);
    assert_eq!(host.cache(false).entries, 0);
    assert!(!host.cell("[E::X]").result("[X]").ok().cached);
}

#[test]
fn what_can_only_fail_is_not_compiled() {
    let mut kernels = Kernels::new();
    kernels.count_rustc();
    let mut host = kernels.start();
    // rust-analyzer asks rustc about itself when it has to infer a type for the first time.
    host.cell("let inferred = 1;").ok();
    kernels.rustc_starts();
    host.cell(r#""7".parse::<i32>()?"#).result("7").ok();
    assert_eq!(kernels.rustc_starts().len(), 1, "the first `?`");
    for (code, error) in [
        ("nowhere();", "E0425"),
        (
            r#"let text = String::from("x");
let n: u8 = text;"#,
            "E0308",
        ),
        ("let n: u8 = 256;", "overflowing_literals"),
    ] {
        host.cell(code).fails(error).shows("cell:");
        assert_eq!(kernels.rustc_starts().len(), 1, "{code}");
    }
    // What a closure captures is another thing without the closure.
    host.cell(
        r"let v = vec![1];
let w = v;
let x = v;",
    )
    .fails("E0382")
    .hides("closure");
    // Two ways to compile it, and at most one of them again.
    let starts = kernels.rustc_starts();
    assert!((2..=3).contains(&starts.len()), "{starts:#?}");
    host.cell("1 + 1").result("2").ok();
}

#[test]
fn panics_in_a_compiled_cell_that_was_found_name_the_line_of_this_cell() {
    let kernels = Kernels::new();
    let item = r#"#[inline(never)]
fn deep(n: u32) -> u32 {
    if n == 0 { panic!("deep") }
    deep(n - 1) + 1
}"#;
    let call = r#"let text = "x".to_owned();
deep(text.len() as u32)"#;
    let mut host = kernels.start();
    host.cell(item).ok();
    host.cell(call).fails("panic").shows("at an earlier cell:3:17");
    host.cell("let v = vec![1]; v[3]").fails("panic").shows("panicked at cell:1:19");
    drop(host);

    let mut host = kernels.start();
    host.cell(&format!("// a comment\n\n{item}")).ok();
    let failure = host.cell(&format!("\n{call}")).fails("panic");
    assert!(failure.timing.cached);
    failure.shows("panicked at an earlier cell:5:17").shows("at deep (an earlier cell:");
    let failure = host
        .cell(
            r"// moved

let v = vec![1]; v[3]",
        )
        .fails("panic");
    assert!(failure.timing.cached);
    failure.shows("panicked at cell:3:19").shows("    let v = vec![1]; v[3]\n                      ^");
}

#[test]
fn a_changed_file_that_a_cell_includes() {
    let kernels = Kernels::new();
    let data = kernels.write("data.txt", "one");
    let code = format!("include_str!({:?})", data.display().to_string());
    let mut host = kernels.start();
    host.cell(&code).result("\"one\"").ok();
    settle();
    assert!(host.cell(&code).result("\"one\"").ok().cached);
    kernels.write("data.txt", "two");
    settle();
    assert!(!host.cell(&code).result("\"two\"").ok().cached);
    assert!(host.cell(&code).result("\"two\"").ok().cached);
    kernels.write("data.txt", "one");
    settle();
    assert!(host.cell(&code).result("\"one\"").ok().cached, "both results are kept");
    std::fs::remove_file(&data).unwrap();
    host.cell(&code).fails("error").says("couldn't read");
    kernels.write("data.txt", "three");
    settle();
    host.cell(&code).result("\"three\"").ok();
}

/// What was written just now may be written again within the same tick of the file system's clock.
fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(50));
}

#[test]
fn a_changed_environment_that_a_cell_sees() {
    let mut kernels = Kernels::new();
    let code = r#"(env!("SEEN"), option_env!("MAYBE"))"#;
    kernels.set("SEEN", "1");
    let mut host = kernels.start();
    host.cell(code).result("(\"1\", None)").ok();
    assert!(host.cell(code).result("(\"1\", None)").ok().cached);
    host.cell(":env MAYBE=3").stream_with(StreamName::Stdout, |_| {}).ok();
    assert!(!host.cell(code).result("(\"1\", Some(\"3\"))").ok().cached);
    drop(host);
    kernels.set("SEEN", "2");
    let mut host = kernels.start();
    assert!(!host.cell(code).result("(\"2\", None)").ok().cached);
}

#[test]
fn an_edited_dependency_on_disk_and_what_its_build_script_sees() {
    let mut kernels = Kernels::new();
    kernels.write(
        "local/Cargo.toml",
        "[package]\nname = \"local\"\nversion = \"0.1.0\"\nedition = \"2024\"\nbuild = \"build.rs\"\n",
    );
    let build = r#"fn main() {
    println!("cargo::rerun-if-env-changed=FOR_BUILD");
    let out = std::path::Path::new(&std::env::var("OUT_DIR").unwrap()).join("made.rs");
    std::fs::write(out, format!("pub const MADE: &str = {:?};", std::env::var("FOR_BUILD").unwrap())).unwrap();
}
"#;
    kernels.write("local/build.rs", build);
    let library = |n: u32| {
        format!(
            r#"include!(concat!(env!("OUT_DIR"), "/made.rs"));
pub fn n() -> u32 {{ {n} }}
pub fn here() -> &'static str {{ env!("OUT_DIR") }}
"#
        )
    };
    kernels.write("local/src/lib.rs", &library(1));
    settle();
    let dependency = format!(":dep local = {{ path = {:?} }}", kernels.path("local").display().to_string());
    let code = format!("{dependency}\n(local::n(), local::MADE, std::path::Path::new(local::here()).is_dir())");
    let run = |host: &mut Host, result: &str| {
        host.cell(&code).stream_with(StreamName::Stderr, |_| {}).result(result).ok().cached
    };
    kernels.set("FOR_BUILD", "a");
    let mut host = kernels.start();
    run(&mut host, "(1, \"a\", true)");
    assert!(host.cell(&code).result("(1, \"a\", true)").ok().cached);
    kernels.write("local/src/lib.rs", &library(2));
    settle();
    assert!(!run(&mut host, "(2, \"a\", true)"));
    drop(host);
    let mut host = kernels.start();
    run(&mut host, "(2, \"a\", true)");
    drop(host);
    kernels.set("FOR_BUILD", "b");
    let mut host = kernels.start();
    assert!(!run(&mut host, "(2, \"b\", true)"));
}

#[test]
fn a_variable_whose_type_is_another_one_by_now() {
    let kernels = Kernels::new();
    kernels.write("local/Cargo.toml", "[package]\nname = \"local\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    let dependency = format!(":dep local = {{ path = {:?} }}", kernels.path("local").display().to_string());
    for (definition, result) in [
        ("pub fn value() -> u8 { 7 }", "7"),
        ("pub fn value() -> u8 { 8 }", "8"),
        ("pub fn value() -> Vec<String> { vec![String::new()] }", "[\"\"]"),
        (r#"pub fn value() -> &'static str { "é" }"#, "\"é\""),
    ] {
        kernels.write("local/src/lib.rs", definition);
        settle();
        let mut host = kernels.start();
        host.cell(&dependency).stream_with(StreamName::Stderr, |_| {}).ok();
        host.cell(
            r"let value = local::value();
let values: Vec<_> = vec![value.clone()];",
        )
        .ok();
        host.cell("value").result(result).ok();
        host.cell("values").result(&format!("[{result}]")).ok();
    }
}

#[test]
fn another_compiler_behind_the_same_name() {
    let mut kernels = Kernels::new();
    let rustc = tool("rustc");
    std::fs::create_dir(kernels.path("bin")).unwrap();
    symlink(tool("cargo"), kernels.path("bin/cargo")).unwrap();
    let version = kernels.write("version", "");
    let text = format!(
        "case \"$1\" in -vV|-Vv) {0} -vV; cat {1};; *) exec {0} \"$@\";; esac\n",
        rustc.display(),
        version.display()
    );
    script(&kernels.path("bin/rustc"), &text);
    kernels.set("PATH", format!("{}:/usr/bin:/bin", kernels.path("bin").display()));
    kernels.set("CARGO_HOME", kernels.path("home"));
    let mut host = kernels.start();
    host.cell("6 * 7").result("42").ok();
    assert!(host.cell("6 * 7").result("42").ok().cached);
    drop(host);
    kernels.write("version", "commit-hash: another\n");
    let mut host = kernels.start();
    assert!(!host.cell("6 * 7").result("42").ok().cached);
    assert!(host.cell("6 * 7").result("42").ok().cached);
    drop(host);
    kernels.write("version", "");
    let mut host = kernels.start();
    assert!(host.cell("6 * 7").result("42").ok().cached);
}

/// The program itself, not rustup's proxy.
fn tool(name: &str) -> PathBuf {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
    Path::new(String::from_utf8(sysroot).unwrap().trim()).join("bin").join(name)
}

#[test]
fn damaged_results() {
    let kernels = Kernels::new();
    let mut host = kernels.start();
    host.cell("let v = vec![1, 2, 3];").ok();
    host.cell("v.iter().sum::<i32>()").result("6").ok();
    for (number, path) in kernels.results().into_iter().enumerate() {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        match number % 3 {
            0 => bytes[middle] ^= 0xff,
            1 => bytes.truncate(middle),
            _ => bytes.clear(),
        }
        std::fs::write(path, bytes).unwrap();
    }
    assert!(!host.cell("v.iter().sum::<i32>()").result("6").ok().cached);
    assert!(host.cell("v.iter().sum::<i32>()").result("6").ok().cached);
}

#[test]
fn a_directory_that_cannot_be_written() {
    let mut kernels = Kernels::new();
    let file = kernels.write("file", "in the way");
    kernels.set("FERROBOOK_CACHE_DIR", file.join("cache"));
    let mut host = kernels.start();
    host.cell("1 + 1")
        .stream_with(StreamName::Stderr, |text| {
            assert!(text.starts_with("warning: compiled cells cannot be kept in"), "{text}");
            assert!(text.contains("Not a directory"), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
        })
        .result("2")
        .ok();
    for _ in 0..2 {
        assert!(!host.cell("2 + 2").result("4").ok().cached);
    }
    assert!(host.cache(false).problem.unwrap().contains("Not a directory"));
    drop(host);

    kernels.set("FERROBOOK_CACHE_DIR", "off");
    let mut host = kernels.start();
    for _ in 0..2 {
        assert!(!host.cell("2 + 2").result("4").ok().cached);
    }
    assert_eq!(host.cache(false).directory, None);
    drop(host);

    kernels.set("FERROBOOK_CACHE_SIZE", "plenty");
    kernels.set("FERROBOOK_CACHE_DIR", kernels.path("cache"));
    let mut host = kernels.start();
    host.cell("2 + 2")
        .stream_with(StreamName::Stderr, |text| assert!(text.contains("FERROBOOK_CACHE_SIZE=plenty"), "{text}"))
        .result("4")
        .ok();
}

#[test]
fn two_kernels_at_once() {
    let kernels = Kernels::new();
    let mut hosts = [kernels.start(), kernels.start()];
    for round in 0..6 {
        let code = format!(
            r"let x{round} = vec![{round}u64; 3];
x{round}.iter().map(|x| x * 7).sum::<u64>()"
        );
        let ids = hosts.each_mut().map(|host| host.begin(&code));
        for (host, id) in hosts.iter_mut().zip(ids) {
            host.finish(id, &code).result(&(round * 21).to_string()).ok();
        }
    }
    for host in &mut hosts {
        host.cell("x0.len() + x5.len()").result("6").ok();
    }
}

#[test]
fn the_size_is_bounded() {
    let mut kernels = Kernels::new();
    kernels.set("FERROBOOK_CACHE_SIZE", "400 KiB");
    let mut host = kernels.start();
    for round in 0..12 {
        let code = format!(r#"let mut v{round} = vec![{round}]; v{round}.push(1); println!("{{v{round}:?}}");"#);
        host.cell(&code).stdout(&format!("[{round}, 1]\n")).ok();
        let size: u64 = kernels.results().iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!(size <= 400 << 10, "{size}");
    }
    assert!(host.cell("v11.len()").result("2").ok().phases.len() >= 2);
    assert!(host.cell("v11.len()").result("2").ok().cached);
    let usage = host.cache(false);
    assert!(usage.bytes <= 400.0 * 1024.0 && usage.limit == 400.0 * 1024.0, "{usage:?}");
}

#[test]
fn a_dependency_is_compiled_once_for_all_kernels() {
    let mut kernels = Kernels::new();
    kernels.count_rustc();
    let code = r#":dep itoa = "1"
:dep memchr = "2"
itoa::Buffer::new().format(memchr::memchr(b'c', b"abc").unwrap()).to_owned()"#;
    // rust-analyzer asks rustc about itself when crates come in; nothing is compiled then.
    let compiles = |kernels: &Kernels| {
        let starts = kernels.rustc_starts();
        starts.into_iter().filter(|words| words.contains("--out-dir")).collect::<Vec<_>>()
    };
    let mut host = kernels.start();
    compiles(&kernels);
    host.cell(code).stream_with(StreamName::Stderr, |_| {}).result("\"2\"").ok();
    assert!(compiles(&kernels).len() >= 3);
    drop(host);
    let mut hosts = [kernels.start(), kernels.start()];
    compiles(&kernels);
    let ids = hosts.each_mut().map(|host| host.begin(code));
    for (host, id) in hosts.iter_mut().zip(ids) {
        let timing = host.finish(id, code).stream_with(StreamName::Stderr, |_| {}).result("\"2\"").ok();
        assert!(timing.cached);
    }
    assert_eq!(compiles(&kernels), [""; 0]);
}

#[test]
fn a_cell_is_linked_without_the_c_compiler_unless_that_fails() {
    let mut kernels = Kernels::new();
    kernels.count_rustc();
    let mut host = kernels.start();
    // Whether lld is there, which not every distribution of Rust has, and whether it was called without cc.
    let compiles = || -> Vec<(bool, bool)> {
        let calls = kernels.rustc_starts().into_iter().filter(|call| call.contains("--crate-name ctx"));
        let compile = |call: String| {
            let sysroot = Path::new(call.split(' ').next().unwrap()).parent().unwrap().parent().unwrap();
            let target = call.split_once("--target ").unwrap().1.split(' ').next().unwrap();
            let has_lld = sysroot.join("lib/rustlib").join(target).join("bin/rust-lld").is_file();
            (has_lld, call.contains("-Clinker-flavor=ld.lld"))
        };
        calls.map(compile).collect()
    };
    compiles();
    host.cell(r#"let text = String::from("kept");"#).ok();
    host.cell("text.len() as f64").result("4.0").ok();
    let linked = compiles();
    let has_lld = linked[0].0;
    assert_eq!(linked, [(has_lld, has_lld); 2]);

    let nowhere = r#"#[link(name = "nowhere")] unsafe extern "C" { fn nowhere() -> u8; }
unsafe { nowhere() }"#;
    host.cell(nowhere)
        .fails("error")
        .says("linking with `cc` failed")
        .shows("library -lnowhere")
        .hides("version-script");
    assert_eq!(compiles().iter().filter(|(_, direct)| !direct).count(), 1 + usize::from(!has_lld));
    host.cell("text").result("\"kept\"").ok();
}
