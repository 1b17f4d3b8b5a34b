//! Stands for `cargo` while evcxr calls it: runs the real one in a process group of its own, so that an interrupt can
//! end it, and tells the host what it prints, while it prints it.

use crate::cargo_output::copy_output;
use crate::cell_build;
use crate::check;
use crate::real_cargo::{self, set};
use crate::supervised::{self, run_in_group};
use crate::validation;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::ExitCode;

pub fn run(shim: &Path, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match supervise(shim, arguments.collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn supervise(shim: &Path, arguments: Vec<OsString>) -> std::io::Result<ExitCode> {
    let subcommand = arguments.iter().find(|word| !word.as_encoded_bytes().starts_with(b"-"));
    let build = subcommand.is_some_and(|word| word == "build");
    let check = subcommand.is_some_and(|word| word == "check");
    let metadata = subcommand.is_some_and(|word| word == "metadata");
    let host = supervised::connect();
    if host.is_some() {
        supervised::end_with_host()?;
    }
    let code = match host {
        Some(host) if check && check::is_wanted() => check::run(&host)?,
        Some(_) if metadata && validation::is_postponed(&std::env::current_dir()?)? => 0,
        Some(host) if build || check => cell_build::compile(shim, &arguments, &host)?,
        Some(host) => {
            let mut command = real_cargo::command(shim)?;
            real_cargo::wrap(&mut command, &real_cargo::wrapping(&host)?)?;
            if let Some(rustc) = set("FERROBOOK_RUSTC").filter(|_| set("RUSTC").is_none()) {
                // rust-analyzer has cargo take the one on the PATH, which can be rustup's proxy for this one.
                command.env("RUSTC", rustc);
            }
            run_in_group(command.args(&arguments), &host, copy_output)?.code
        }
        None => return Err(real_cargo::command(shim)?.args(&arguments).exec()),
    };
    Ok(ExitCode::from(code))
}
