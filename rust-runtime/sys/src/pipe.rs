//! Pipes.

use crate::system;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Neither end is inherited: the one to read from comes first.
pub fn pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    system::pipe()
}

/// Lets it hold more, where that can be. A smaller pipe works as well.
pub fn enlarge(pipe: impl AsFd, bytes: i32) {
    system::enlarge_pipe(pipe.as_fd(), bytes);
}

/// How many bytes wait in it; `None` when it is no pipe.
pub fn unread(pipe: impl AsRawFd) -> Option<usize> {
    let mut size: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    let asked = unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONREAD, &raw mut size) };
    (asked == 0).then(|| usize::try_from(size).unwrap_or(0))
}
