//! The real cargo, and how it is called: with the user's environment, and with our wrapper of rustc.

use crate::wrapping::{WRAPPING, Wrapping};
use ferrobook_protocol::cell::{DEBUG_CELL, FRESH_CELL, NEXT_WRAPPER, STORE, TARGET_CPU};
use std::ffi::OsString;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a cell is compiled with in addition when it is to be checked. Its dependencies stay as they are.
const CHECKS: [&str; 4] = [
    "--config",
    "profile.dev.package.ctx.overflow-checks=true",
    "--config",
    "profile.dev.package.ctx.debug-assertions=true",
];

/// cargo, as it compiles a cell.
pub fn for_cell(shim: &Path, arguments: &[OsString], wrapping: &Wrapping) -> std::io::Result<Command> {
    let mut command = command(shim)?;
    command.args(arguments).stdout(Stdio::piped());
    if set(DEBUG_CELL).is_some() {
        command.args(CHECKS);
    }
    command.env("RUSTFLAGS", rustflags());
    wrap(&mut command, wrapping)?;
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
    Ok(command)
}

/// cargo, without what is set for Ferrobook alone.
pub fn command(shim: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(path(shim)?);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERROBOOK_")) {
        command.env_remove(name);
    }
    command.env("PATH", std::env::var_os("FERROBOOK_PATH").unwrap_or_default());
    Ok(command)
}

/// Where it is. `shim` is the name that the shim was called by, beside which there is a link to the real one.
pub fn path(shim: &Path) -> std::io::Result<PathBuf> {
    let directory = match shim.parent() {
        Some(directory) if directory.is_absolute() => directory.to_owned(),
        _ => PathBuf::from(std::env::var_os("FERROBOOK_SHIMS").unwrap_or_default()),
    };
    // The link is followed by hand: a cargo that is rustup's proxy goes by the name that it is called with.
    std::fs::read_link(directory.join("real-cargo"))
}

/// cargo calls `ferrobook-rustc` in place of rustc, and of the wrapper that the user may have. So it does when it only
/// asks: to another wrapper cargo's own notes about the compiler would be another compiler's.
pub fn wrap(command: &mut Command, wrapping: &Wrapping) -> std::io::Result<()> {
    command.env("RUSTC_WRAPPER", wrapper()?).env(WRAPPING, serde_json::to_string(wrapping)?);
    Ok(())
}

pub fn wrapper() -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("ferrobook-rustc"))
}

/// What the wrapper has to know.
pub fn wrapping(host: &UnixDatagram) -> std::io::Result<Wrapping> {
    let next = match std::env::var_os("RUSTC_WRAPPER") {
        Some(wrapper) => (!wrapper.is_empty()).then(|| PathBuf::from(wrapper)),
        None => set(NEXT_WRAPPER).map(PathBuf::from),
    };
    // evcxr's own wrapper has a cache of its own, or makes other libraries than rustc was asked for.
    let store = match set("EVCXR_RUSTC_WRAPPER") {
        Some(_) => None,
        None => std::env::var(STORE).ok().and_then(|json| serde_json::from_str(&json).ok()),
    };
    Ok(Wrapping {
        store,
        fresh_cell: set(FRESH_CELL).is_some(),
        crate_dir: std::env::current_dir()?,
        host: host.peer_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned)),
        next,
    })
}

fn rustflags() -> String {
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    let target_cpu = set(TARGET_CPU).map(|name| format!(" -Ctarget-cpu={}", name.display())).unwrap_or_default();
    // Functions that cells export stay their own, although their libraries share one namespace.
    flags + &target_cpu + " -Clink-arg=-Wl,-Bsymbolic-functions"
}

/// A variable of the environment, when it has a value.
pub fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
