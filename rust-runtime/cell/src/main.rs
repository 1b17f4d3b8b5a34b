//! `ferrobook-cell`: the process that evcxr starts to run compiled cells. It is small so that it starts fast, and knows
//! nothing of evcxr's library.

mod backtrace;
mod cells_output;
mod channel;
mod crash_report;
mod flusher;
mod keeper;
mod library;
mod memory;
mod panic_report;
mod pools;
mod snapshot;
mod stdio;
mod threads;
mod variable_store;
mod worker;

use ferrobook_protocol::users_environment;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // SAFETY: this process has one thread yet.
    unsafe { users_environment::restore() };
    // evcxr's `:cache` makes cargo call evcxr's subprocess program, which is this one, as a rustc wrapper.
    if std::env::var_os("EVCXR_RUSTC_WRAPPER").is_some() {
        return hand_over(std::env::args_os().skip(1));
    }
    if std::env::var_os("EVCXR_IS_RUNTIME").is_some() {
        return match worker::main() {
            Ok(never) => match never {},
            Err(error) => {
                eprintln!("ferrobook-cell: {error}");
                ExitCode::FAILURE
            }
        };
    }
    eprintln!("ferrobook-cell is started by ferrobook-runtime, and does nothing by itself");
    ExitCode::from(2)
}

fn hand_over(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let error = match std::env::current_exe() {
        Ok(exe) => Command::new(exe.with_file_name("ferrobook-runtime")).args(arguments).exec(),
        Err(error) => error,
    };
    eprintln!("ferrobook-cell: cannot start ferrobook-runtime as rustc wrapper: {error}");
    ExitCode::FAILURE
}
