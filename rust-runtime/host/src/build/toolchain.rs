//! Which cargo and rustc build the cells, and whether they can.

use crate::build::cargo_config;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest rustc that evcxr's generated code compiles with.
const OLDEST: (u32, u32) = (1, 95);

#[derive(Clone, Debug)]
pub struct Toolchain {
    pub cargo: PathBuf,
    pub rustc: PathBuf,
    pub rustup: Option<PathBuf>,
    pub cargo_version: String,
    pub rustc_version: String,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum ToolchainError {
    #[error("Rust cells cannot run: `{tool}` was not found on PATH or in ~/.cargo/bin")]
    Missing { tool: &'static str },
    #[error("Rust cells cannot run: rustup has no toolchain to use: {reason}")]
    NoToolchain { reason: String },
    #[error("Rust cells cannot run: `{path} -V` failed: {reason}")]
    Broken { path: PathBuf, reason: String },
    #[error("Rust cells need rustc {}.{} or newer; {path} is {found}", OLDEST.0, OLDEST.1)]
    TooOld { path: PathBuf, found: String },
    #[error("Rust cells cannot run: {0}")]
    Start(String),
}

impl ToolchainError {
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooOld { .. } => "ToolchainTooOld",
            Self::Start(_) => "RustUnavailable",
            _ => "ToolchainMissing",
        }
    }

    pub fn help(&self) -> String {
        match self {
            Self::Missing { .. } => "Install Rust with rustup, see https://rustup.rs, and run the cell again.",
            Self::NoToolchain { .. } => "Run `rustup default stable`, and run the cell again.",
            Self::Broken { .. } => "Repair the toolchain with `rustup update`, or see https://rustup.rs.",
            Self::TooOld { .. } => "Run `rustup update` (see https://rustup.rs), and run the cell again.",
            Self::Start(message) if message.contains("linker `cc` not found") => {
                "Rust needs a C linker: install gcc or clang (on Debian and Ubuntu: `sudo apt install build-essential`)."
            }
            Self::Start(_) => "Run the cell again after removing the cause.",
        }
        .to_owned()
    }
}

impl Toolchain {
    /// Looks as a shell with this `PATH` would, and in rustup's own directory when Jupyter was not started by a shell.
    pub fn find(path: &OsStr) -> Result<Self, ToolchainError> {
        let rustup = find_program("rustup", path);
        let locate = |tool: &'static str| match &rustup {
            Some(rustup) => rustup_which(rustup, path, tool),
            None => find_program(tool, path).ok_or(ToolchainError::Missing { tool }),
        };
        let cargo = locate("cargo").or_else(|error| find_program("cargo", path).ok_or(error))?;
        let rustc = locate("rustc").or_else(|error| find_program("rustc", path).ok_or(error))?;
        let cargo_version = version(&cargo, path)?;
        let rustc_version = version(&rustc, path)?;
        if parse_version(&rustc_version).is_none_or(|found| found < OLDEST) {
            return Err(ToolchainError::TooOld { path: rustc, found: rustc_version });
        }
        Ok(Self { cargo, rustc, rustup, cargo_version, rustc_version })
    }
}

fn find_program(name: &str, path: &OsStr) -> Option<PathBuf> {
    if let Ok(found) = which::which_in(name, Some(path), "/") {
        return Some(found);
    }
    let candidate = cargo_config::home()?.join("bin").join(name);
    candidate.is_file().then_some(candidate)
}

fn rustup_which(rustup: &Path, path: &OsStr, tool: &'static str) -> Result<PathBuf, ToolchainError> {
    let broken = |reason: String| ToolchainError::NoToolchain { reason };
    let output = Command::new(rustup).args(["which", tool]).env("PATH", path).output();
    let output = output.map_err(|error| broken(error.to_string()))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(broken(stderr.trim().trim_start_matches("error: ").to_owned()));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// `1.95.0` of `rustc 1.95.0 (…)`.
fn version(program: &Path, path: &OsStr) -> Result<String, ToolchainError> {
    let broken = |reason: String| ToolchainError::Broken { path: program.to_owned(), reason };
    let output = Command::new(program).arg("-V").env("PATH", path).output();
    let output = output.map_err(|error| broken(error.to_string()))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    match stdout.split_whitespace().nth(1) {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => Err(broken(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(parse_version("1.95.0"), Some((1, 95)));
        assert_eq!(parse_version("1.97.0-nightly"), Some((1, 97)));
        assert_eq!(parse_version("x"), None);
        assert!(parse_version("1.9.0").unwrap() < OLDEST);
    }

    #[test]
    fn help_names_the_command() {
        let too_old = ToolchainError::TooOld { path: "rustc".into(), found: "1.80.0".into() };
        assert!(too_old.help().contains("rustup update"));
        assert!(too_old.to_string().contains("1.95"));
    }
}
