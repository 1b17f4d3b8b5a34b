//! Threads that cells have started. A fork copies only the thread that calls it, so after a crash they are gone, and
//! whoever waits for one of them would wait for ever.

use crate::channel;
use crate::flusher;
use ferrobook_protocol::cell::Message;
use ferrobook_sys::threads;
use nix::sys::signal::{Signal, kill};
use nix::unistd::getpid;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(100);
/// How many intervals in a row nothing may move before the cell counts as stuck.
const STUCK_AFTER: u32 = 20;

/// Whether a cell runs in this process.
static IN_CELL: AtomicBool = AtomicBool::new(false);

pub fn enter_cell(inside: bool) {
    IN_CELL.store(inside, Ordering::SeqCst);
}

/// Ends this process when a cell waits for a thread that is gone. Called once in a process that has lost some.
pub fn watch() {
    let watcher = std::thread::Builder::new().name(WATCHER.to_owned());
    // Without it, such a cell goes on until it is interrupted.
    let _ = watcher.spawn(|| {
        let mut still = 0;
        loop {
            std::thread::sleep(INTERVAL);
            still = if IN_CELL.load(Ordering::SeqCst) && are_stuck() { still + 1 } else { 0 };
            if still == STUCK_AFTER {
                channel::tell(&Message::Stuck { pid: getpid().as_raw() });
                let _ = kill(getpid(), Signal::SIGKILL);
            }
        }
    });
}

const WATCHER: &str = "watcher";

/// The names of the threads that are neither the main one nor our own.
pub fn of_cells() -> Vec<String> {
    let (main, own) = (getpid().as_raw(), flusher::THREAD.load(Ordering::SeqCst));
    let others = threads::all().into_iter().filter(|id| *id != main && *id != own);
    others.filter_map(threads::name).filter(|name| name != WATCHER).collect()
}

/// Whether the main thread and all of the cells' threads wait, without a time limit, for a thread of this process: nobody
/// is left who could go on.
fn are_stuck() -> bool {
    let (own, ours) = (threads::current(), flusher::THREAD.load(Ordering::SeqCst));
    let mut others = threads::all().into_iter().filter(|id| *id != own && *id != ours).peekable();
    others.peek().is_some() && others.all(threads::waits_for_ever)
}
