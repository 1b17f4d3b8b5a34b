//! The descriptors between the host and the cell process: pipes for what cells print, a socket for what happens.
//!
//! They are made once and outlive the process: a cell process that evcxr starts anew inherits the same ones.

use ferrobook_protocol::cell::{Endpoints, Message, Reply};
use ferrobook_sys::{messages, pipe};
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Large enough that a cell that prints much is not held up by each of our reads.
const PIPE_SIZE: i32 = 1 << 20;

pub struct CellLink {
    pub control: OwnedFd,
    pub stdout: File,
    pub stderr: File,
    far: Far,
}

/// The cell process' ends.
struct Far {
    control: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

impl CellLink {
    pub fn open() -> nix::Result<Self> {
        let (control, far_control) = messages::pair()?;
        let (stdout, far_stdout) = pipe()?;
        let (stderr, far_stderr) = pipe()?;
        let far = Far { control: far_control, stdout: far_stdout, stderr: far_stderr };
        Ok(Self { control, stdout: File::from(stdout), stderr: File::from(stderr), far })
    }

    /// Lets the process that `command` starts, and each one that it starts later, find its ends.
    pub fn attach(&self, command: &mut Command, path: &OsString, support: &Path) {
        let endpoints = Endpoints {
            control: self.far.control.as_raw_fd(),
            stdout: self.far.stdout.as_raw_fd(),
            stderr: self.far.stderr.as_raw_fd(),
            support: support.to_string_lossy().into_owned(),
            path: path.to_string_lossy().into_owned(),
            host: nix::unistd::getpid().as_raw(),
        };
        let inherited: [RawFd; 3] = [endpoints.control, endpoints.stdout, endpoints.stderr];
        if let Ok(json) = serde_json::to_string(&endpoints) {
            command.env("FERROBOOK_CELL", json);
        }
        // SAFETY: between fork and exec only fcntl(2) is called, on descriptors that live as long as the host.
        unsafe {
            command.pre_exec(move || {
                for fd in inherited {
                    let fd = std::os::fd::BorrowedFd::borrow_raw(fd);
                    fcntl(fd, FcntlArg::F_SETFD(FdFlag::empty()))?;
                }
                Ok(())
            });
        }
    }

    /// The next message, if there is one.
    pub fn receive(&self) -> Option<Message> {
        loop {
            let message = messages::receive(self.control.as_raw_fd(), false).ok()?;
            match serde_json::from_slice(&message) {
                Ok(message) => return Some(message),
                Err(error) => tracing::error!("not a message of the cell process: {error}"),
            }
        }
    }

    pub fn reply(&self, reply: &Reply) {
        let Ok(datagram) = serde_json::to_vec(reply) else { return };
        if let Err(error) = messages::send(self.control.as_raw_fd(), &datagram) {
            tracing::error!("cannot answer the cell process: {error}");
        }
    }
}

fn pipe() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = pipe::pair()?;
    pipe::enlarge(&write, PIPE_SIZE);
    fcntl(&read, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok((read, write))
}

/// How many bytes wait in a pipe.
pub fn unread(pipe: impl AsFd) -> usize {
    pipe::unread(pipe.as_fd().as_raw_fd()).unwrap_or(0)
}
