//! The protocol's way out: the descriptor that was stdout before evcxr got to print there.

use ferrobook_protocol::Event;
use nix::fcntl::{FcntlArg, fcntl};
use std::fs::File;
use std::io::Write;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

pub struct Events {
    out: Mutex<File>,
}

impl Events {
    /// Takes stdout for the protocol, and points fd 1 at stderr for everything else that prints in this process.
    pub fn take_stdout() -> std::io::Result<Self> {
        let copy = fcntl(std::io::stdout(), FcntlArg::F_DUPFD_CLOEXEC(3))?;
        // SAFETY: fcntl returned a new descriptor, owned by no one else.
        let out = File::from(unsafe { OwnedFd::from_raw_fd(copy) });
        nix::unistd::dup2_stdout(std::io::stderr())?;
        Ok(Self::to(out))
    }

    pub fn to(out: File) -> Self {
        Self { out: Mutex::new(out) }
    }

    /// Sends one line. A kernel that does not read holds up the sender, and with it the cell that prints.
    pub fn send(&self, event: &Event) {
        let mut line = match serde_json::to_vec(event) {
            Ok(line) => line,
            Err(error) => return tracing::error!("cannot serialise {event:?}: {error}"),
        };
        line.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.write_all(&line).is_err() {
            // The kernel is gone. What this process has started ends with it.
            std::process::exit(0);
        }
    }
}
