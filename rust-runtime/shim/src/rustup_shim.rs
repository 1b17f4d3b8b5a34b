//! Stands for `rustup` while evcxr asks where cargo is, so that it finds the cargo shim. Everything else is rustup's.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.collect();
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    match words[..] {
        ["which", "cargo"] => say(&shims().join("cargo")),
        ["which", "rustc"] => match std::env::var_os("FERROBOOK_RUSTC") {
            Some(rustc) => say(Path::new(&rustc)),
            None => ExitCode::FAILURE,
        },
        [toolchain, "which", "cargo"] => match shim_for(toolchain) {
            Some(shim) => say(&shim),
            None => ExitCode::FAILURE,
        },
        _ => {
            eprintln!("rustup: {}", real().args(&arguments).exec());
            ExitCode::FAILURE
        }
    }
}

fn say(path: &Path) -> ExitCode {
    println!("{}", path.display());
    ExitCode::SUCCESS
}

fn shims() -> PathBuf {
    PathBuf::from(std::env::var_os("FERROBOOK_SHIMS").unwrap_or_default())
}

/// rustup with the environment of the user. On this process' `PATH` the name is this shim's.
fn real() -> Command {
    let program = std::env::var_os("FERROBOOK_RUSTUP").unwrap_or_else(|| "rustup-is-not-installed".into());
    let mut command = Command::new(program);
    command.env("PATH", std::env::var_os("FERROBOOK_PATH").unwrap_or_default());
    command
}

/// A directory for the toolchain with a shim, and beside it a link to the cargo that the shim stands for.
fn shim_for(toolchain: &str) -> Option<PathBuf> {
    let output = real().args([toolchain, "which", "cargo"]).stderr(Stdio::inherit()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let cargo = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let directory = shims().join(toolchain.trim_start_matches('+').replace('/', "_"));
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
