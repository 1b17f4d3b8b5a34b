//! `ferrobook-cell`: the process that evcxr starts to run compiled cells, and the shims that stand before `cargo` and
//! `rustup` while the host calls them. It is small so that it starts fast, and knows nothing of evcxr's library.

mod backtrace;
mod cargo_output;
mod cargo_shim;
mod cell_build;
mod cells_output;
mod channel;
mod check;
mod compiler_messages;
mod crash_report;
mod flusher;
mod foreseen;
mod generated_code;
mod hints;
mod item_order;
mod keeper;
mod library;
mod library_handover;
mod memory;
mod panic_report;
mod real_cargo;
mod rustup_shim;
mod shared_statics;
mod snapshot;
mod stdio;
mod supervised;
mod threads;
mod validation;
mod variable_store;
mod variables;
mod worker;

use ferrobook_protocol::cell::{OURS, users, users_value};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    see_the_users_environment();
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    match Path::new(&name).file_name().and_then(|name| name.to_str()) {
        Some("cargo") => return cargo_shim::run(Path::new(&name), arguments),
        Some("rustup") => return rustup_shim::run(arguments),
        _ => {}
    }
    // evcxr's `:cache` makes cargo call evcxr's subprocess program, which is this one, as a rustc wrapper.
    if std::env::var_os("EVCXR_RUSTC_WRAPPER").is_some() {
        return hand_over(arguments);
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

/// What is set for evcxr alone is for nothing that it starts.
fn see_the_users_environment() {
    for name in OURS {
        let value = users_value(name);
        // SAFETY: this process has one thread yet.
        unsafe {
            std::env::remove_var(users(name));
            match value {
                Some(value) => std::env::set_var(name, value),
                None => std::env::remove_var(name),
            }
        }
    }
}

fn hand_over(arguments: std::env::ArgsOs) -> ExitCode {
    let error = match std::env::current_exe() {
        Ok(exe) => Command::new(exe.with_file_name("ferrobook-runtime")).args(arguments).exec(),
        Err(error) => error,
    };
    eprintln!("ferrobook-cell: cannot start ferrobook-runtime as rustc wrapper: {error}");
    ExitCode::FAILURE
}
