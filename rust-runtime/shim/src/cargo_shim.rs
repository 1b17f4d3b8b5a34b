//! Stands for `cargo` while evcxr calls it: runs the real one in a process group of its own, so that an interrupt can
//! end it, and tells the host what it prints, while it prints it.

use crate::cargo_output::copy_output;
use crate::cell_build;
use crate::check;
use crate::order;
use crate::real_cargo::{self, RealCargo};
use crate::supervised::{self, run_in_group};
use crate::validation;
use crate::variable::set;
use crate::wrapping::Wrapping;
use ferrobook_protocol::build::Kind;
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

const NO_DEPENDENCIES: &str = "--no-deps";

fn as_build(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if let Some(check) = arguments.iter_mut().find(|word| *word == "check") {
        *check = "build".into();
    }
    arguments
}

fn supervise(shim: &Path, mut arguments: Vec<OsString>) -> std::io::Result<ExitCode> {
    let subcommand = arguments.iter().find(|word| !word.as_encoded_bytes().starts_with(b"-"));
    let build = subcommand.is_some_and(|word| word == "build");
    let check = subcommand.is_some_and(|word| word == "check");
    let metadata = subcommand.is_some_and(|word| word == "metadata");
    let Some(order) = order::read() else { return Err(std::io::Error::other("nobody has said what is to be built")) };
    let Some(host) = supervised::connect(&order.host) else {
        return Err(RealCargo::of(shim, &order).command().args(&arguments).exec());
    };
    supervised::end_with_host()?;
    let code = match order.kind {
        Kind::Check if check => check::run(&order, &host)?,
        _ if metadata && validation::is_postponed(order.dependencies, &std::env::current_dir()?)? => 0,
        // evcxr checks cells that it cannot compile. `cargo check` would compile all dependencies a second time.
        _ if build || check => cell_build::compile(&RealCargo::of(shim, &order), &as_build(arguments), &host)?,
        _ => {
            let mut command = RealCargo::of(shim, &order).command();
            // evcxr does not name the manifest, rust-analyzer does.
            let for_analysis = metadata && arguments.iter().any(|word| word == "--manifest-path");
            if for_analysis && order.hides_crates && !arguments.iter().any(|word| word == NO_DEPENDENCIES) {
                arguments.push(NO_DEPENDENCIES.into());
            }
            real_cargo::wrap(&mut command, &Wrapping::of(&order)?)?;
            if set("RUSTC").is_none() {
                // rust-analyzer has cargo take the one on the PATH, which can be rustup's proxy for this one.
                command.env("RUSTC", &order.programs.rustc);
            }
            run_in_group(command.args(&arguments), &host, copy_output)?.code
        }
    };
    Ok(ExitCode::from(code))
}
