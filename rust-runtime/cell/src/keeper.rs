//! The process that evcxr knows. It forks the one that runs cells, reaps whatever ends, and tells the host how.
//! No user code runs in it, so it is there to see how a cell's process died, and to end everything with the host.

use crate::channel;
use ferrobook_protocol::cell::Message;
use ferrobook_sys::lifetime::{adopt_orphans, end_with_parent};
use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// Memory that the keeper, the process that runs cells and its snapshots share.
pub struct Holders {
    keeper: Pid,
    shared: &'static Shared,
}

#[repr(C)]
struct Shared {
    /// The process that holds the variables.
    holder: AtomicI32,
    /// The snapshot that takes over when the holder dies, or 0.
    spare: AtomicI32,
}

impl Holders {
    pub fn set_spare(&self, snapshot: Option<Pid>) {
        self.shared.spare.store(snapshot.map_or(0, Pid::as_raw), SeqCst);
    }

    /// Makes this process the holder, and lets it die with the keeper. False when the keeper is gone.
    ///
    /// A process closes its files before its children get another parent, so a successor may come here while its
    /// parent is still the dead one; and the signal for a parent's death must not be asked for before that is over.
    pub fn take_over(&self, dead: Option<Pid>) -> bool {
        while dead == Some(getppid()) {
            std::thread::sleep(std::time::Duration::from_micros(100));
        }
        let adopted = end_with_parent(Signal::SIGKILL).is_ok() && getppid() == self.keeper;
        self.shared.holder.store(getpid().as_raw(), SeqCst);
        self.set_spare(None);
        adopted
    }
}

/// Returns in the process that is to run cells; the keeper itself stays in here until no one holds the state.
pub fn keep(host: i32) -> Result<Holders, Errno> {
    end_with_parent(Signal::SIGTERM)?;
    if getppid().as_raw() != host {
        std::process::exit(0);
    }
    adopt_orphans()?;
    let holders = Holders { keeper: getpid(), shared: share()? };
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Child => {
            if !holders.take_over(None) {
                std::process::exit(0);
            }
            Ok(holders)
        }
        ForkResult::Parent { child } => {
            holders.shared.holder.store(child.as_raw(), SeqCst);
            let end_group = SigAction::new(SigHandler::Handler(end_group), SaFlags::empty(), SigSet::empty());
            // SAFETY: the handler calls only kill(2).
            unsafe { sigaction(Signal::SIGTERM, &end_group) }?;
            reap(holders.shared)
        }
    }
}

extern "C" fn end_group(_: libc::c_int) {
    let _ = kill(Pid::from_raw(0), Signal::SIGKILL);
}

fn reap(shared: &Shared) -> ! {
    let mut dead = 0;
    loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, 0) };
        if pid < 0 {
            if Errno::last() == Errno::EINTR {
                continue;
            }
            break;
        }
        if pid == shared.holder.load(SeqCst) {
            dead = pid;
        }
        let _ = shared.spare.compare_exchange(pid, 0, SeqCst, SeqCst);
        channel::tell(&Message::Exited { pid, status });
        if dead == shared.holder.load(SeqCst) && shared.spare.load(SeqCst) == 0 {
            break;
        }
    }
    // Whatever a cell has started goes with its process.
    end_group(0);
    std::process::exit(0)
}

fn share() -> Result<&'static Shared, Errno> {
    use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
    let size = std::num::NonZeroUsize::MIN.saturating_add(size_of::<Shared>());
    let flags = MapFlags::MAP_SHARED;
    // SAFETY: a new mapping, aliased by nothing.
    let page = unsafe { mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, flags) }?;
    // SAFETY: the page is zeroed, aligned, large enough and never unmapped; atomics of zero are valid.
    Ok(unsafe { page.cast::<Shared>().as_ref() })
}
