//! Threads that cells have started. A fork copies only the thread that calls it, so after a crash they are gone, and
//! whoever waits for one of them would wait for ever.

use crate::channel;
use crate::flusher;
use ferrobook_protocol::cell::Message;
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
    let names = others(|id| id != main && id != own).filter_map(|id| {
        let name = std::fs::read_to_string(format!("/proc/self/task/{id}/comm")).ok()?;
        Some(name.trim().to_owned())
    });
    names.filter(|name| name != WATCHER).collect()
}

/// Whether the main thread and all of the cells' threads wait, without a time limit, for a thread of this process: nobody
/// is left who could go on.
fn are_stuck() -> bool {
    // SAFETY: has no preconditions.
    let own = unsafe { libc::gettid() };
    let ours = flusher::THREAD.load(Ordering::SeqCst);
    let mut threads = others(|id| id != own && id != ours).peekable();
    threads.peek().is_some() && threads.all(waits_for_ever)
}

/// proc_pid_syscall(5): the number of the system call that the thread is in, and its arguments in hexadecimal.
fn waits_for_ever(thread: i32) -> bool {
    let Ok(call) = std::fs::read_to_string(format!("/proc/self/task/{thread}/syscall")) else { return false };
    let mut words = call.split(' ');
    let number: Option<i64> = words.next().and_then(|word| word.parse().ok());
    let argument = |word: &str| i64::from_str_radix(word.trim_start_matches("0x"), 16).ok();
    let arguments: Vec<i64> = words.map_while(argument).collect();
    let [_, operation, _, timeout, ..] = arguments[..] else { return false };
    let operation = operation & i64::from(!(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME));
    let is_wait = operation == i64::from(libc::FUTEX_WAIT) || operation == i64::from(libc::FUTEX_WAIT_BITSET);
    number == Some(libc::SYS_futex) && is_wait && timeout == 0
}

fn others(wanted: impl Fn(i32) -> bool) -> impl Iterator<Item = i32> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok()).filter(move |id| wanted(*id))
}
