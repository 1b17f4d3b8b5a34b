//! `ferrobook-rustc`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ferrobook_cache::wrapper::run(std::env::args_os().skip(1).collect())
}
