//! `ferrobook-rustc`: stands before rustc; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferrobook_shim::wrapper::run(std::env::args_os().skip(1).collect())
}
