//! Looks at a cell that is being typed: evcxr asks for `cargo check`, and rustc is called as it was for the last cell.
//! `cargo check` would compile all dependencies a second time.

use crate::cargo_output::pass_on;
use crate::cell_source::{Attempt, CellSource};
use crate::check_command;
use crate::compiler_messages;
use crate::supervised::{self, Ran};
use ferrobook_evcxr_code::Variables;
use ferrobook_protocol::build::{BuildOrder, Cargo, MOST_MESSAGES};
use nix::sys::resource::{Resource, setrlimit};
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

/// How long a compiler may look at a cell, in seconds of CPU time: what is typed may well be an endless macro.
const LIMIT: u64 = 10;

/// Returns the exit code for evcxr. The host is told when rustc came to its end.
pub fn run(order: &BuildOrder, host: &UnixDatagram) -> std::io::Result<u8> {
    let Some(mut command) = check_command::command(&std::env::current_dir()?) else {
        eprintln!("error: it is not known how rustc is called for a cell");
        return Ok(1);
    };
    let source = CellSource::read()?;
    source.show()?;
    let rendered = source.replace(order, Attempt { variables: Variables::All, show_trait_stands_aside: false })?;
    command.stdin(Stdio::null()).stdout(Stdio::null());
    // SAFETY: between fork and exec only setrlimit(2) is called.
    unsafe { command.pre_exec(|| Ok(setrlimit(Resource::RLIMIT_CPU, LIMIT, LIMIT)?)) };
    let Ran { code, diagnostics } = supervised::run_in_group(&mut command, host, |rustc, _| messages(rustc))?;
    pass_on(diagnostics, &rendered.origin, source.cell(), host)?;
    if code <= 1 {
        supervised::tell(host, &Cargo::Checked);
    }
    Ok(code)
}

/// rustc's first messages, in the form in which cargo passes them on.
fn messages(rustc: &mut Child) -> std::io::Result<Vec<String>> {
    let Some(stderr) = rustc.stderr.take() else { return Ok(Vec::new()) };
    let mut messages = Vec::new();
    for line in BufReader::new(stderr).lines() {
        if let Some(message) = compiler_messages::of_cargo(&line?).filter(|_| messages.len() < MOST_MESSAGES) {
            messages.push(message);
        }
    }
    Ok(messages)
}
