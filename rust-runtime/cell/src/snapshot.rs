//! A copy of the process, made by fork before each cell. It waits. When the cell's process dies (abort, segmentation
//! fault, exit, interrupt), the copy holds the state from before the cell and goes on in its place.

use crate::cells_output::CellsOutput;
use crate::channel;
use crate::flusher::Flusher;
use crate::keeper::Holders;
use crate::memory;
use crate::threads;
use ferrobook_protocol::cell::Snapshot as Report;
use ferrobook_sys::pipe;
use nix::errno::Errno;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getpid, read, write};
use std::os::fd::OwnedFd;
use std::time::Instant;

/// Which copy of the process this is, after [`take`].
pub enum Copy {
    /// The one that runs the cell. Without a snapshot, a death loses the variables.
    Original(Option<Snapshot>, Report),
    /// The one that has waited, and now stands in for the process `dead`. Its threads are not copied: here are the names
    /// of those that the cells had started.
    Successor { dead: Pid, lost_threads: Vec<String> },
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

/// `limit` is in bytes of resident memory; 0 means that no snapshot is wanted.
pub fn take(holders: &Holders, flusher: &Flusher, output: &CellsOutput, limit: u64) -> Copy {
    if limit == 0 {
        return Copy::Original(None, Report::Off);
    }
    let started = Instant::now();
    if let Some((resident, limit)) = memory::too_large_for_a_copy(limit) {
        return Copy::Original(None, Report::TooLarge { resident, limit });
    }
    let failed = |error: Errno| Copy::Original(None, Report::Failed { reason: error.desc().to_owned() });
    let (wait, release) = match pipe::pair() {
        Ok(ends) => ends,
        Err(error) => return failed(error),
    };
    let dead = getpid();
    let lost_threads = threads::of_cells();
    // A thread of a cell may be printing at this moment; the copy has no such thread to give the lock back.
    let printing = (!lost_threads.is_empty()).then(|| output.hold(flusher)).flatten();
    let held = (channel::hold(), flusher.pause());
    // SAFETY: the locks of this binary and of the cells' output are held by this thread, so the copy can release them.
    // Other locks of the cells' threads may be lost in the copy; `threads` sees to it that nothing waits for them for ever.
    let forked = unsafe { fork() };
    drop(held);
    drop(printing);
    match forked {
        Err(error) => failed(error),
        Ok(ForkResult::Parent { child }) => {
            holders.set_spare(Some(child));
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            Copy::Original(Some(Snapshot { pid: child, release }), Report::Taken { ms })
        }
        Ok(ForkResult::Child) => {
            drop(release);
            memory::be_spared();
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
            memory::be_first_to_go();
            Copy::Successor { dead, lost_threads }
        }
    }
}
