//! Crates with statics, threads and C code, in more than one cell: all cells share one copy of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod client;

use client::Host;
use std::io::{Read, Write};
use std::net::TcpListener;

const DEPENDENCIES: &str = r#"
:dep bitflags = "2"
:dep bytes = "1"
:dep crossbeam = "0.8"
:dep dashmap = "6"
:dep env_logger = { version = "0.11", default-features = false }
:dep fastrand = "2"
:dep lazy_static = "1"
:dep log = "0.4"
:dep nalgebra = "0.33"
:dep ndarray = "0.16"
:dep once_cell = "1"
:dep parking_lot = "0.12"
:dep plotters = { version = "0.3", default-features = false, features = ["svg_backend", "line_series"] }
:dep rand = "0.9"
:dep rayon = "1"
:dep reqwest = { version = "0.12", default-features = false }
:dep rusqlite = { version = "0.32", features = ["bundled"] }
:dep serde = { version = "1", features = ["derive"] }
:dep serde_json = "1"
:dep tokio = { version = "1", features = ["full"] }
:dep tracing = "0.1"
:dep tracing-subscriber = { version = "0.3", default-features = false, features = ["fmt", "std"] }
use rayon::prelude::*;
fn address() -> String { std::env::var("ADDRESS").unwrap() }
"#;

/// For each crate a first cell, and one for later, with what it shows.
const CELLS: [(&str, &str, &str, &str); 18] = [
    (
        "bitflags",
        "bitflags::bitflags! { #[derive(Clone, Copy)] struct Flags: u8 { const A = 1; const B = 2; } }",
        "(Flags::A | Flags::B).bits()",
        "3",
    ),
    (
        "lazy_static",
        "lazy_static::lazy_static! { static ref COUNT: std::sync::Mutex<u8> = std::sync::Mutex::new(0); }",
        "*COUNT.lock()? += 1; *COUNT.lock()? > 0",
        "true",
    ),
    (
        "crossbeam",
        "let (sender, receiver) = crossbeam::channel::unbounded::<u8>();",
        "sender.send(1)?; receiver.recv()?",
        "1",
    ),
    (
        "dashmap",
        "let map = std::sync::Arc::new(dashmap::DashMap::new()); map.insert(1, 2);",
        "map.insert(3, 4); (map.get(&1).map(|value| *value), map.len())",
        "(Some(2), 2)",
    ),
    (
        "log, env_logger",
        "env_logger::Builder::new().filter_level(log::LevelFilter::Info).target(env_logger::Target::Stdout).init();",
        r#"log::info!("logged")"#,
        "logged",
    ),
    ("nalgebra", "let vector = nalgebra::Vector3::new(1.0, 2.0, 3.0);", "vector.norm_squared()", "14.0"),
    ("ndarray", "let matrix = ndarray::Array2::<f64>::eye(2);", "matrix.sum()", "2.0"),
    ("once_cell", "static ONCE: once_cell::sync::Lazy<u8> = once_cell::sync::Lazy::new(|| 3);", "*ONCE", "3"),
    (
        "parking_lot",
        "let mutex = std::sync::Arc::new(parking_lot::Mutex::new(0));",
        r"
let theirs = mutex.clone();
*mutex.lock() = 0;
let thread = std::thread::spawn(move || (0..10_000).for_each(|_| *theirs.lock() += 1));
(0..10_000).for_each(|_| *mutex.lock() += 1);
thread.join().unwrap();
*mutex.lock()",
        "20000",
    ),
    (
        "plotters",
        "use plotters::prelude::*;",
        r#"
let mut svg = String::new();
{
    let area = SVGBackend::with_string(&mut svg, (100, 100)).into_drawing_area();
    area.fill(&WHITE)?;
    area.present()?;
}
svg.starts_with("<svg")"#,
        "true",
    ),
    ("rayon", "(0..1000_u64).into_par_iter().sum::<u64>()", "(0..2000_u64).into_par_iter().sum::<u64>()", "1999000"),
    (
        "fastrand",
        "fastrand::seed(7); let drawn = [fastrand::u32(..), fastrand::u32(..)]; fastrand::seed(7); fastrand::u32(..) == drawn[0]",
        "let next = fastrand::u32(..); let is_next = next == drawn[1]; fastrand::seed(7); fastrand::u32(..); is_next",
        "true",
    ),
    (
        "rusqlite",
        r#"let connection = rusqlite::Connection::open_in_memory()?; connection.execute("create table t (a int)", ())?;"#,
        r#"
connection.execute("delete from t", ())?;
connection.execute("insert into t values (1)", ())?;
connection.query_row("select count(*) from t", (), |row| row.get::<_, i64>(0))?"#,
        "1",
    ),
    (
        "serde_json",
        "#[derive(serde::Serialize)] struct Point { x: i32 } let point = Point { x: 1 };",
        "serde_json::to_string(&point)?",
        r#""{\"x\":1}""#,
    ),
    (
        "tracing",
        "tracing_subscriber::fmt().without_time().with_ansi(false).init();",
        r#"tracing::info!("traced")"#,
        "traced",
    ),
    (
        "rand",
        "use rand::{Rng, SeedableRng}; let mut dice = rand::rngs::StdRng::seed_from_u64(1);",
        "(1..7).contains(&dice.random_range(1..7))",
        "true",
    ),
    (
        "tokio",
        "let task = tokio::spawn(async { tokio::time::sleep(std::time::Duration::from_millis(5)).await; 5 }).await?;",
        "task + tokio::spawn(async { 6 }).await?",
        "11",
    ),
    (
        "reqwest",
        "let client = reqwest::Client::new();",
        "client.get(address()).send().await?.text().await? + &reqwest::get(address()).await?.text().await?",
        r#""hihi""#,
    ),
];

/// Answers each request with `hi`.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        }
    });
    address
}

#[test]
fn crates_in_later_cells_after_an_interrupt_and_after_a_crash() {
    let address = serve();
    let mut host = Host::start_with(|command| {
        command.env("ADDRESS", address);
    });
    host.next();
    host.cell(DEPENDENCIES).shown();
    for (_, first, ..) in CELLS {
        host.cell(first).shown();
    }
    let check = |host: &mut Host, when: &str| {
        for (name, _, later, shown) in CELLS {
            let found = host.cell(later).shown();
            assert!(found.contains(shown), "{name} {when}: {found}");
        }
    };
    check(&mut host, "in a later cell");
    let id = host.begin("println!(\"runs\"); loop {}");
    host.wait_for("runs");
    host.interrupt();
    assert_eq!(host.finish(id, "loop {}").failure().unwrap().ename, "Interrupted");
    check(&mut host, "after an interrupt");
    assert_eq!(host.cell("std::process::abort()").failure().unwrap().ename, "SIGABRT");
    check(&mut host, "after a crash");
    check(&mut host, "some time after a crash");
}

#[test]
fn a_pool_of_ones_own_that_has_lost_its_threads_is_told_each_time() {
    let mut host = Host::start();
    host.cell(":dep rayon = \"1\"\nlet pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;").shown();
    assert_eq!(host.cell("pool.install(|| 1)").shown(), "1");
    assert_eq!(host.cell("std::process::abort()").failure().unwrap().ename, "SIGABRT");
    for _ in 0..2 {
        host.cell("pool.install(|| 2)").fails("LostThreads").says("make thread pools and runtimes anew");
    }
    host.cell("let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;").shown();
    assert_eq!(host.cell("pool.install(|| 3)").shown(), "3");
}

#[test]
fn what_lives_goes_on_living_when_a_crate_is_added() {
    let mut host = Host::start();
    host.cell(":dep log = { version = \"0.4\", features = [\"std\"] }\nlog::set_max_level(log::LevelFilter::Warn);")
        .shown();
    host.cell(":dep rayon = \"1\"\nlet threads = rayon::current_num_threads();").shown();
    assert_eq!(host.cell("log::max_level()").shown(), "Warn");
    host.cell(":dep itoa = \"1\"\nitoa::Buffer::new().format(1).to_owned()").shown();
    assert_eq!(host.cell("(log::max_level(), rayon::current_num_threads() == threads)").shown(), "(Warn, true)");
}

#[test]
fn two_versions_of_a_crate_and_c_code_that_is_hidden() {
    let mut host = Host::start();
    host.cell(
        ":dep old = { package = \"itoa\", version = \"0.4\" }\n:dep new = { package = \"itoa\", version = \"1\" }",
    )
    .shown();
    let both = "(old::Buffer::new().format(1).to_owned(), new::Buffer::new().format(2).to_owned())";
    assert_eq!(host.cell(both).shown(), r#"("1", "2")"#);
    // It is compiled with -fvisibility=hidden.
    host.cell(":dep zstd = { version = \"0.13\", default-features = false }\nlet packed = zstd::encode_all(&[7; 1000][..], 3)?;").shown();
    assert_eq!(host.cell("zstd::decode_all(&packed[..])?.len()").shown(), "1000");
}

#[test]
fn crates_that_cannot_share_a_library_are_each_cells_own() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.join("src")).unwrap();
        std::fs::write(
            path.join("Cargo.toml"),
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        )
        .unwrap();
        let code = r#"#[unsafe(no_mangle)] pub extern "C" fn of_both() -> u8 { NUMBER }
pub fn number() -> u8 { of_both() }
"#;
        std::fs::write(path.join("src/lib.rs"), code.replace("NUMBER", &name.len().to_string())).unwrap();
    }
    let mut host = Host::start();
    let dep = |name: &str| format!(":dep {name} = {{ path = \"{}\" }}\n", directory.path().join(name).display());
    host.cell(&format!("{}{}1 + 1", dep("one"), dep("two")))
        .stream_with(ferrobook_protocol::StreamName::Stderr, |text| {
            assert!(text.contains("warning: these crates cannot be shared by the cells"), "{text}");
            assert!(text.contains("of_both"), "{text}");
        })
        .result("2")
        .ok();
    assert_eq!(host.cell("one::number()").shown(), "3");
    assert_eq!(host.cell("two::number()").shown(), "3");
}

#[test]
fn in_a_directory_with_a_strange_name_crates_are_linked_into_each_cell() {
    let directory = tempfile::Builder::new().prefix("with a space ").tempdir().unwrap();
    let mut host = Host::start_with(|command| {
        command.env("TMPDIR", directory.path());
    });
    host.next();
    host.cell(":dep itoa = \"1\"\nitoa::Buffer::new().format(1).to_owned()").shown();
    assert_eq!(host.cell("itoa::Buffer::new().format(2).to_owned()").shown(), "\"2\"");
}

#[test]
fn the_command_for_shared_crates_has_nothing_to_do() {
    let mut host = Host::start();
    host.cell(":allow_static_linking 0")
        .stdout("`:allow_static_linking` does nothing here: the crates of a notebook are shared libraries already.\n")
        .ok();
    host.cell(":dep itoa = \"1\"\nitoa::Buffer::new().format(1).to_owned()").shown();
}

#[test]
fn a_mistake_has_no_crate_compiled_a_second_time() {
    let mut host = Host::start();
    host.cell(":dep itoa = \"1\"\n1").shown();
    host.cell("itoa::Buffer::new().format(no)").fails("E0425");
}

#[test]
fn a_panic_in_a_crate_names_its_line() {
    let mut host = Host::start();
    host.cell(":dep bytes = \"1\"\nuse bytes::Buf;").shown();
    host.cell("bytes::Bytes::from_static(b\"1\").get_u64()").fails("panic").shows("bytes-1");
}

#[test]
fn a_value_of_a_crate_on_disk_is_not_read_as_what_the_type_has_become() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(directory.path().join("src")).unwrap();
        std::fs::write(directory.path().join(name), text).unwrap();
    };
    write("Cargo.toml", "[package]\nname = \"local\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
    write(
        "src/lib.rs",
        "#[derive(Debug)] pub struct Item { pub price: u64 }\npub fn item() -> Item { Item { price: 7 } }\n",
    );
    let dep = format!(":dep local = {{ path = {:?} }}\n", directory.path().display().to_string());
    let mut host = Host::start();
    host.cell(&format!("{dep}let item = local::item();\nlet other = 1;")).shown();
    assert_eq!(host.cell("item.price").shown(), "7");
    // cargo looks at times of whole seconds on some file systems.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write(
        "src/lib.rs",
        "#[derive(Debug)] pub struct Item { pub price: String }\npub fn item() -> Item { Item { price: \"8\".into() } }\n",
    );
    host.cell(&format!("{dep}local::item()")).shown();
    host.cell("item.price.len()").fails("TypeChanged").says("item");
    assert_eq!(host.cell("let item = local::item();\nitem.price.clone()").shown(), "\"8\"");
    assert_eq!(host.cell("other").shown(), "1");
}
