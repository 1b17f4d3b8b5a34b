//! Stands for `rustup` while evcxr asks where cargo is, so that it finds the cargo shim. Everything else is rustup's.

use crate::order;
use ferrobook_protocol::build::{BuildOrder, Programs};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(BuildOrder { programs, .. }) = order::read() else {
        eprintln!("rustup: nobody has said where it is");
        return ExitCode::FAILURE;
    };
    let arguments: Vec<OsString> = arguments.collect();
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    match words[..] {
        ["which", "cargo"] => say(&programs.shims.join("cargo")),
        ["which", "rustc"] => say(&programs.rustc),
        [toolchain, "which", "cargo"] => match shim_for(toolchain, &programs) {
            Some(shim) => say(&shim),
            None => ExitCode::FAILURE,
        },
        _ => {
            eprintln!("rustup: {}", real(&programs).args(&arguments).exec());
            ExitCode::FAILURE
        }
    }
}

fn say(path: &Path) -> ExitCode {
    println!("{}", path.display());
    ExitCode::SUCCESS
}

/// rustup with the environment of the user. On this process' `PATH` the name is this shim's.
fn real(programs: &Programs) -> Command {
    let program = programs.rustup.as_deref().unwrap_or(Path::new("rustup-is-not-installed"));
    let mut command = Command::new(program);
    command.env("PATH", &programs.path);
    command
}

/// A directory for the toolchain with a shim, and beside it a link to the cargo that the shim stands for.
fn shim_for(toolchain: &str, programs: &Programs) -> Option<PathBuf> {
    let output = real(programs).args([toolchain, "which", "cargo"]).stderr(Stdio::inherit()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let cargo = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let directory = programs.shims.join(toolchain.trim_start_matches('+').replace('/', "_"));
    std::fs::create_dir_all(&directory).ok()?;
    let shim = directory.join("cargo");
    link(&cargo, &directory.join("real-cargo"))?;
    link(&std::env::current_exe().ok()?, &shim)?;
    Some(shim)
}

fn link(target: &Path, link: &Path) -> Option<()> {
    let _ = std::fs::remove_file(link);
    std::os::unix::fs::symlink(target, link).ok()
}
