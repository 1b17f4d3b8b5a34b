//! A copy of the process, made by fork before each cell. It waits. When the cell's process dies (abort, segmentation
//! fault, exit, interrupt), the copy holds the state from before the cell and goes on in its place.

use crate::channel;
use crate::flusher::Flusher;
use crate::keeper::Holders;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid, pipe2, read, write};
use std::os::fd::OwnedFd;

/// Which copy of the process this is, after [`take`].
pub enum Copy {
    /// The one that runs the cell. Without a snapshot, a death loses the variables.
    Original(Option<Snapshot>),
    /// The one that has waited, and now stands in for the process `dead`.
    Successor { dead: Pid, lost_threads: bool },
}

pub struct Snapshot {
    pid: Pid,
    release: OwnedFd,
}

impl Snapshot {
    /// The cell went well: the copy is stale. It is reaped later, off the path of the cell.
    pub fn release(self, holders: &Holders) -> Pid {
        holders.set_spare(None);
        let _ = write(&self.release, b"!");
        self.pid
    }
}

pub fn reap(stale: &mut Vec<Pid>) {
    stale.retain(|pid| matches!(waitpid(*pid, Some(WaitPidFlag::WNOHANG)), Ok(nix::sys::wait::WaitStatus::StillAlive)));
}

pub fn take(holders: &Holders, flusher: &Flusher, limit: u64) -> Copy {
    if resident_bytes().is_none_or(|resident| resident > limit) {
        return Copy::Original(None);
    }
    let Ok((wait, release)) = pipe2(OFlag::O_CLOEXEC) else { return Copy::Original(None) };
    let dead = getpid();
    let lost_threads = user_threads(flusher) > 0;
    let held = (channel::hold(), flusher.pause());
    // SAFETY: the locks of this binary are held by this thread, so the copy can release them. Locks of other threads
    // of the cells may be lost in the copy: only a cell that leaves threads behind has any.
    let forked = unsafe { fork() };
    drop(held);
    match forked {
        Err(_) => Copy::Original(None),
        Ok(ForkResult::Parent { child }) => {
            holders.set_spare(Some(child));
            Copy::Original(Some(Snapshot { pid: child, release }))
        }
        Ok(ForkResult::Child) => {
            drop(release);
            loop {
                match read(&wait, &mut [0]) {
                    Err(Errno::EINTR) => {}
                    // The pipe was closed by the death of the original.
                    Ok(0) => break,
                    // SAFETY: ends the process without running what a cell has registered with atexit.
                    _ => unsafe { libc::_exit(0) },
                }
            }
            if !holders.take_over(Some(dead)) {
                // SAFETY: as above.
                unsafe { libc::_exit(0) }
            }
            Copy::Successor { dead, lost_threads }
        }
    }
}

fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

fn user_threads(flusher: &Flusher) -> usize {
    let ours = 1 + usize::from(flusher.is_running());
    std::fs::read_dir("/proc/self/task").map_or(0, |tasks| tasks.count().saturating_sub(ours))
}
