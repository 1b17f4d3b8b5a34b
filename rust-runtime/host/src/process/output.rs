//! What cells print and what happens to their process, turned into events in the order in which it happened.
//!
//! One lock guards it all. A thread of its own reads whatever comes; the session takes the lock to begin and to end a
//! cell. Before a message of the cell process is handled, the pipes are read up to what was in them at that moment.

mod run;
mod rustc_messages;
mod state;

use crate::cell::Cell;
use crate::evcxr::bundles::Bundle;
use crate::process::cell_link::CellLink;
use crate::process::exit_report;
use crate::program::SharedProgram;
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::interrupts::Interrupts;
use ferrobook_protocol::{CellOptions, SnapshotPolicy, StreamName};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use run::Run;
use rustc_messages::Check;
use state::State;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use run::{Audience, Outcome};
pub use rustc_messages::Diagnostics;

pub struct Output {
    link: Arc<CellLink>,
    cargo: UnixDatagram,
    state: Mutex<State>,
}

impl Output {
    pub fn new(
        program: SharedProgram,
        link: CellLink,
        cargo: UnixDatagram,
        events: Arc<Events>,
        interrupts: Arc<Interrupts>,
        checks: Arc<Checks>,
    ) -> Arc<Self> {
        let link = Arc::new(link);
        let state = State::new(program, Arc::clone(&link), events, interrupts, checks);
        Arc::new(Self { link, cargo, state: Mutex::new(state) })
    }

    pub fn link(&self) -> &CellLink {
        &self.link
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads until the process ends.
    pub fn read_forever(&self) {
        loop {
            let interest = PollFlags::POLLIN;
            let mut ready = [
                PollFd::new(self.link.stdout.as_fd(), interest),
                PollFd::new(self.link.stderr.as_fd(), interest),
                PollFd::new(self.link.control.as_fd(), interest),
                PollFd::new(self.cargo.as_fd(), interest),
            ];
            let waiting = { self.lock().is_holding() };
            let timeout = if waiting { PollTimeout::from(10u8) } else { PollTimeout::NONE };
            match poll(&mut ready, timeout) {
                Ok(0) => self.lock().let_go(),
                Ok(_) | Err(nix::errno::Errno::EINTR) => self.pump(),
                Err(error) => {
                    tracing::error!("cannot wait for output: {error}");
                    return;
                }
            }
        }
    }

    fn pump(&self) {
        let mut state = self.lock();
        self.read_cargo(&mut state);
        state.pump();
    }

    fn read_cargo(&self, state: &mut State) {
        let mut datagram = vec![0; 256 * 1024];
        while let Ok(size) = self.cargo.recv(&mut datagram) {
            match serde_json::from_slice(&datagram[..size]) {
                Ok(message) => state.cargo(message),
                Err(error) => tracing::debug!("not a message of the cargo shim: {error}"),
            }
        }
    }

    pub fn set_show_types(&self, show: bool) {
        self.lock().show_types = show;
    }

    /// The library of the cell that ran last.
    pub fn last_library(&self) -> Option<PathBuf> {
        self.lock().last_library.clone()
    }

    pub fn snapshot_policy(&self) -> SnapshotPolicy {
        self.lock().snapshots.policy()
    }

    /// What was wrong with the setting, once.
    pub fn take_snapshot_complaint(&self) -> Option<String> {
        self.lock().snapshots.take_complaint()
    }

    pub fn begin(&self, id: u32, audience: Audience, options: CellOptions, cell: Arc<Cell>) {
        self.lock().begin(Run::new(id, audience, options, cell));
    }

    /// How the process that held the variables ended.
    pub fn how_the_holder_ended(&self) -> Option<String> {
        self.lock().holder_ended.map(exit_report::manner)
    }

    /// Whether compiled code of the current cell was called.
    pub fn has_run(&self) -> bool {
        let mut state = self.lock();
        state.pump();
        state.current.as_ref().is_some_and(Run::has_run)
    }

    /// Everything that the cell has printed is sent when this returns.
    pub fn end(&self, interrupted: bool) -> Outcome {
        let mut state = self.lock();
        self.read_cargo(&mut state);
        state.pump();
        state.end(interrupted)
    }

    /// Messages about the cell from now on are about one that is only looked at.
    pub fn begin_check(&self) {
        self.lock().check = Some(Check::default());
    }

    /// rustc's messages about the cell; `None` when it did not come to its end.
    pub fn end_check(&self) -> Option<Diagnostics> {
        let mut state = self.lock();
        self.read_cargo(&mut state);
        let check = state.check.take()?;
        check.finish(&state.program.lock().crate_dir)
    }

    /// Text of the session itself (of commands, of notices).
    pub fn print(&self, name: StreamName, text: &str) {
        let mut state = self.lock();
        state.flush_bundle(false);
        state.stream(name, text.to_owned());
    }

    pub fn display(&self, data: Bundle) {
        let mut state = self.lock();
        state.flush_bundle(false);
        state.display(data, false);
    }

    pub fn input(&self, id: u32, value: Option<String>) {
        self.lock().input(id, value);
    }
}
