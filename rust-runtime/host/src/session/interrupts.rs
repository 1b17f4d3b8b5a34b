//! What an interrupt has to end: the process that runs the cell, or cargo, never the state.
//!
//! Nothing here waits: an interrupt must work while a cell prints without end and the kernel does not read.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgid};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct Interrupts {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Cells that were asked for and have not ended.
    expected: usize,
    /// Whether one of them is being executed: at other times cargo runs for the host itself.
    executing: bool,
    interrupted: bool,
    /// The process that runs the cell, while it does.
    running: Option<Pid>,
    /// The process group of the keeper, of the processes that run cells, and of their snapshots.
    cells: Option<Pid>,
    /// Process groups of cargo and of shell commands.
    groups: Vec<Pid>,
    /// The process that waits for cargo, or has.
    shim: Option<Pid>,
}

impl Interrupts {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn expect(&self) {
        self.state().expected += 1;
    }

    pub fn begin(&self) {
        self.state().executing = true;
    }

    /// Whether the cell was interrupted.
    pub fn end(&self) -> bool {
        let mut state = self.state();
        state.executing = false;
        state.expected = state.expected.saturating_sub(1);
        state.running = None;
        // A process that was killed has not said that it ended.
        state.groups.clear();
        state.shim = None;
        std::mem::take(&mut state.interrupted)
    }

    pub fn is_interrupted(&self) -> bool {
        self.state().interrupted
    }

    pub fn interrupt(&self) {
        let mut state = self.state();
        state.interrupted = state.expected > 0;
        state.end_if_interrupted();
    }

    /// The compiled cell begins to run in this process.
    pub fn run_began(&self, pid: i32) {
        let mut state = self.state();
        state.running = Some(Pid::from_raw(pid));
        state.cells = getpgid(state.running).ok();
        state.end_if_interrupted();
    }

    pub fn run_ended(&self) {
        self.state().running = None;
    }

    pub fn group_began(&self, group: i32) {
        let mut state = self.state();
        state.groups.push(Pid::from_raw(group));
        state.end_if_interrupted();
    }

    /// The keeper has ended, without being able to end what cells have started.
    pub fn cells_ended(&self) {
        if let Some(group) = self.state().cells.take() {
            let _ = killpg(group, Signal::SIGKILL);
        }
    }

    /// The process waits for cargo, for evcxr.
    pub fn waits(&self, shim: i32) {
        self.state().shim = Some(Pid::from_raw(shim));
    }

    pub fn group_ended(&self, group: i32) {
        self.state().groups.retain(|known| known.as_raw() != group);
    }

    /// Before this process exits.
    pub fn end_all(&self) {
        self.state().end_everything();
    }
}

impl State {
    fn end_if_interrupted(&self) {
        if self.interrupted && self.executing {
            self.end_everything();
        }
    }

    fn end_everything(&self) {
        if let Some(pid) = self.running {
            let _ = kill(pid, Signal::SIGKILL);
        }
        // The keeper has to see it, the snapshot to take over, and a cell to begin that is to be ended then: none of them
        // could when somebody has stopped it.
        if let Some(group) = self.cells {
            let _ = killpg(group, Signal::SIGCONT);
        }
        for group in &self.groups {
            let _ = killpg(*group, Signal::SIGKILL);
        }
        if let Some(shim) = self.shim {
            let _ = kill(shim, Signal::SIGCONT);
        }
    }
}
