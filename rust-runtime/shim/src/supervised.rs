//! Programs that the host can end, with all that they start: it is told when they begin and end, and they end with it.

use ferrobook_protocol::build::Cargo;
use ferrobook_sys::lifetime;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, sigaction};
use nix::unistd::{Pid, getpid, setpgid};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

/// The host, while it is there.
pub fn connect(host: &Path) -> Option<UnixDatagram> {
    let socket = UnixDatagram::unbound().ok()?;
    socket.connect(host).ok()?;
    Some(socket)
}

pub fn tell(host: &UnixDatagram, message: &Cargo) {
    // A message that is lost costs a line of progress.
    if let Ok(datagram) = serde_json::to_vec(message) {
        let _ = host.send(&datagram);
    }
}

/// What is known when cargo, or rustc, has ended.
pub struct Ran {
    pub code: u8,
    /// The compiler's messages about the cell, as cargo prints them.
    pub diagnostics: Vec<String>,
}

/// Runs a program that the host can end, and all that it starts. `read` returns the compiler's messages.
pub fn run_in_group(
    command: &mut Command,
    host: &UnixDatagram,
    read: impl FnOnce(&mut Child, &UnixDatagram) -> std::io::Result<Vec<String>>,
) -> std::io::Result<Ran> {
    command.stderr(Stdio::piped()).process_group(0);
    lifetime::end_with_this_process(command);
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).unwrap_or_default();
    GROUP.store(group, Ordering::Relaxed);
    tell(host, &Cargo::Started { group, shim: getpid().as_raw() });
    let diagnostics = read(&mut child, host)?;
    let status = child.wait()?;
    tell(host, &Cargo::Exited { group });
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ran { code: u8::try_from(code).unwrap_or(1), diagnostics })
}

/// cargo's process group, while it runs.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// What cargo has started would go on by itself when only cargo is killed, so the whole group ends with the host.
///
/// A process that is stopped does not see that the host has ended. But the system wakes it with SIGHUP when it is alone
/// in a process group whose last parent has gone, so this one has a group of its own.
pub fn end_with_host() -> nix::Result<()> {
    let action = SigAction::new(SigHandler::Handler(end), SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler calls only kill(2) and _exit(2).
        unsafe { sigaction(signal, &action) }?;
    }
    setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    lifetime::end_with_parent(Signal::SIGTERM)
}

extern "C" fn end(_: libc::c_int) {
    let group = GROUP.load(Ordering::Relaxed);
    if group > 0 {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    // SAFETY: ends the process; allowed in a signal handler.
    unsafe { libc::_exit(1) }
}
