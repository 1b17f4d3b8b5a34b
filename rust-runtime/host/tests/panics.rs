//! Panics of cells, and cells that end their process. Nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;
use client::Host;
use ferrobook_protocol::StreamName;

#[test]
fn panics_name_the_line_of_the_cell() {
    let mut host = Host::start();
    host.cell("let v = vec![1, 2, 3];").ok();
    let failure = host
        .cell(
            r#"let größe = 3;
print!("partial");
let x = v[größe + 4];"#,
        )
        .stdout("partial")
        .fails("panic")
        .says("index out of bounds: the len is 3 but the index is 7")
        .shows("thread 'main' panicked at cell:3:10:")
        .shows("    let x = v[größe + 4];\n             ^");
    let phases = failure.timing.phases.iter().map(|phase| phase.name.as_str());
    let always = phases.filter(|name| !["start", "snapshot"].contains(name));
    assert_eq!(always.collect::<Vec<_>>(), ["compile", "run"]);
    host.cell("v").result("[1, 2, 3]").ok();
    host.cell(
        r#"
#[inline(never)]
fn deep(n: u32) -> u32 {
    if n == 0 { panic!("deep") }
    deep(n - 1) + 1
}"#,
    )
    .ok();
    host.cell(
        r#"let text = "x".to_owned();
deep(text.len() as u32)"#,
    )
    .fails("panic")
    .says("deep")
    .shows("panicked at an earlier cell:4:17")
    .shows("at deep (an earlier cell:");
}

#[test]
fn panics_that_do_not_end_the_cell_are_printed() {
    let mut host = Host::start();
    host.cell(
        r#"let caught = std::panic::catch_unwind(|| panic!("mine")).is_err();
caught"#,
    )
    .stderr("\nthread 'main' panicked at cell:1:42:\nmine\n")
    .result("true")
    .ok();
    host.cell(
        r#"std::thread::Builder::new().name("helper".into()).spawn(|| panic!("elsewhere")).unwrap().join().is_err()"#,
    )
    .stderr("\nthread 'helper' panicked at cell:1:60:\nelsewhere\n")
    .result("true")
    .ok();
}

#[test]
fn nothing_is_lost_when_the_process_dies() {
    let mut host = Host::start();
    host.cell(
        r#"let mut v = vec![1, 2, 3];
let name = String::from("kept");"#,
    )
    .ok();
    host.cell(
        r#"v.push(4);
println!("so far");
std::process::abort();"#,
    )
    .stdout("so far\n")
    .fails("SIGABRT")
    .says("(an abort:")
    .says("at cell:3:1; the variables have their values from before the cell")
    .shows("    std::process::abort();\n    ^");
    host.cell("v").result("[1, 2, 3]").ok();
    host.cell(
        r"drop(name);
unsafe { std::ptr::null_mut::<i32>().write_volatile(1); }",
    )
    .fails("SIGSEGV")
    .says("(an invalid access to memory, at address 0x0) at cell:2:");
    host.cell("name").result("\"kept\"").ok();
    host.cell(
        r"fn peek(at: *const i32) -> i32 {
    unsafe { std::hint::black_box(at).read_volatile() }
}",
    )
    .ok();
    host.cell(
        r"v.clear();
peek(std::ptr::null()) + 1",
    )
    .fails("SIGSEGV")
    .says("at an earlier cell:2:")
    .shows("unsafe { std::hint::black_box(at).read_volatile() }")
    .shows("at the cell (cell:2:1)");
    host.cell("std::process::exit(3);").fails("ProcessExit").says("exit code 3");
    host.cell(
        r"fn forever(n: u64) -> u64 {
    std::hint::black_box(forever(n + 1)) + 1
}
forever(0)",
    )
    .fails("SIGSEGV")
    .says("(a stack overflow:")
    .says("at cell:")
    .shows("at forever (cell:")
    .shows(" times");
    host.cell("std::thread::spawn(|| unsafe { std::ptr::null::<u8>().read_volatile() }).join().unwrap();")
        .fails("SIGSEGV")
        .says("at cell:1:");
    host.cell(
        r#"unsafe extern "C" { fn raise(signal: i32) -> i32; }
unsafe { raise(9); }"#,
    )
    .fails("SIGKILL");
    let exhausting = r#"#[repr(C)] struct Limit { now: u64, most: u64 }
unsafe extern "C" { fn setrlimit(resource: i32, limit: *const Limit) -> i32; }
let limit = Limit { now: 1 << 30, most: 1 << 30 };
unsafe { setrlimit(9, &limit); }
let mut held = Vec::new();
loop { held.push(vec![1u8; 64 << 20]); }"#;
    host.cell(exhausting)
        .stream_with(StreamName::Stderr, |text| assert!(text.contains("memory allocation of"), "{text}"))
        .fails("SIGABRT")
        .says("no memory left")
        .says("at cell:6:");
    host.cell(
        r#"extern "C" fn no_unwind() { panic!("cannot unwind") }
no_unwind();"#,
    )
    .stream_with(StreamName::Stderr, |text| assert!(text.contains("cannot unwind"), "{text}"))
    .fails("SIGABRT");
    host.cell(
        r#"v.push(5);
format!("{v:?} {name}")"#,
    )
    .result("\"[1, 2, 3, 5] kept\"")
    .ok();
    host.cell(r#"panic!("after all this")"#).fails("panic").shows("cell:1:1");
}
