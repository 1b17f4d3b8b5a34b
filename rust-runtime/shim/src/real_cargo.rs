//! The real cargo, and how it is called: with the user's environment, and with our wrapper of rustc.

use crate::wrapping::{WRAPPING, Wrapping};
use ferrobook_protocol::build::BuildOrder;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a cell is compiled with in addition when it is to be checked. Its dependencies stay as they are.
const CHECKS: [&str; 4] = [
    "--config",
    "profile.dev.package.ctx.overflow-checks=true",
    "--config",
    "profile.dev.package.ctx.debug-assertions=true",
];

pub struct RealCargo<'a> {
    pub path: PathBuf,
    pub order: &'a BuildOrder,
}

/// How cargo is called to compile a cell.
pub struct CellCall {
    pub arguments: Vec<OsString>,
    pub rustflags: String,
}

impl<'a> RealCargo<'a> {
    /// `shim` is the name that the shim was called by. Beside one for another toolchain there is a link to its cargo.
    pub fn of(shim: &Path, order: &'a BuildOrder) -> Self {
        // The link is followed by hand: a cargo that is rustup's proxy goes by the name that it is called with.
        let linked = shim.parent().and_then(|directory| std::fs::read_link(directory.join("real-cargo")).ok());
        Self { path: linked.unwrap_or_else(|| order.programs.cargo.clone()), order }
    }

    /// Without what is set for Ferrobook alone.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERROBOOK_")) {
            command.env_remove(name);
        }
        command.env("PATH", &self.order.programs.path);
        command
    }

    /// evcxr has called the shim with these arguments.
    pub fn call(&self, arguments: &[OsString]) -> CellCall {
        let checks = CHECKS.iter().filter(|_| self.order.options.debug).map(OsString::from);
        let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
        let target_cpu = self.order.target_cpu.as_ref().map(|name| format!(" -Ctarget-cpu={name}"));
        // Functions that cells export stay their own, although their libraries share one namespace.
        let own = " -Clink-arg=-Wl,-Bsymbolic-functions";
        CellCall {
            arguments: arguments.iter().cloned().chain(checks).collect(),
            rustflags: flags + &target_cpu.unwrap_or_default() + own,
        }
    }

    /// cargo, as it compiles a cell.
    pub fn for_cell(&self, call: &CellCall, wrapping: &Wrapping) -> std::io::Result<Command> {
        let mut command = self.command();
        command.args(&call.arguments).stdout(Stdio::piped()).env("RUSTFLAGS", &call.rustflags);
        wrap(&mut command, wrapping)?;
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
        Ok(command)
    }
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
