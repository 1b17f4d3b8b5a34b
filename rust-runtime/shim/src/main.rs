//! `ferrobook-shim`: stands for `cargo` and `rustup` while the host calls evcxr, by the name that it is called by; see the
//! library.

use ferrobook_protocol::users_environment;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // SAFETY: this process has one thread yet.
    unsafe { users_environment::restore() };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    match Path::new(&name).file_name().and_then(|name| name.to_str()) {
        Some("cargo") => ferrobook_shim::cargo_shim::run(Path::new(&name), arguments),
        Some("rustup") => ferrobook_shim::rustup_shim::run(arguments),
        _ => {
            eprintln!(
                "ferrobook-shim stands for cargo and rustup while Ferrobook compiles cells, and does nothing by itself"
            );
            ExitCode::from(2)
        }
    }
}
