//! Runs requests one after the other on the thread that owns evcxr.

pub mod checks;
pub mod events;
mod execute;
pub mod front;
pub mod interrupts;
mod kept_variables;
mod report;
pub mod state;
pub mod warm_up;

use crate::build::toolchain::ToolchainError;
use crate::cell::Cell;
use crate::evcxr::engine::Engine;
use crate::process::output::Audience;
use crate::questions::InTurn;
use execute::Asked;
use ferrobook_protocol::{CellOptions, Event, NotebookCell};
use report::panic_text;
use state::Session;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub enum Job {
    Execute { id: u32, code: String, cell: NotebookCell, allow_stdin: bool, options: CellOptions, arrived: Instant },
    Ask { id: u32, question: Box<dyn InTurn> },
    Expect { codes: Vec<String>, idle: bool },
}

impl Session {
    pub fn run(&mut self, jobs: &Receiver<Job>) {
        if let Err(error) = self.start() {
            self.events.send(&Event::Unavailable { message: error.to_string(), help: error.help() });
        }
        while let Some(job) = self.next(jobs) {
            if !matches!(job, Job::Expect { .. }) {
                self.checks.request_taken_up();
            }
            self.take(job);
            if let Some(code) = self.ended {
                self.interrupts.end_all();
                self.leftovers.lock().unwrap_or_else(PoisonError::into_inner).remove();
                std::process::exit(code);
            }
        }
    }

    /// The next job; rust-analyzer is warmed up while none comes. `None` when none will come any more.
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        let mut was_warmed_up = false;
        loop {
            match jobs.recv_timeout(self.warm_up.patience(was_warmed_up)) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.warm_up.step(self.engine.as_mut()) => was_warmed_up = true,
                Err(RecvTimeoutError::Timeout) => return jobs.recv().ok(),
            }
        }
    }

    fn start(&mut self) -> Result<(), ToolchainError> {
        let started = catch_unwind(AssertUnwindSafe(|| Engine::start(&self.setup, &self.program, &self.output)));
        let started = started.unwrap_or_else(|panic| Err(ToolchainError::Start(panic_text(&*panic))));
        let (engine, versions, settings) = started?;
        let store = self.setup.store_error.take().map(|error| format!("compiled cells are not kept: {error}"));
        let settings = settings.into_iter().chain(store).map(|complaint| complaint + "\n");
        let notices: String = settings.chain(self.output.take_snapshot_complaint()).collect();
        self.notice = (!notices.is_empty()).then_some(notices);
        self.engine = Some(engine);
        self.events.send(&Event::Ready { versions, snapshots: self.output.snapshot_policy() });
        Ok(())
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Execute { id, code, cell: of, allow_stdin, options, arrived } => {
                // Time behind another cell is not this one's start.
                let waited = arrived.max(self.last_end).elapsed();
                self.warm_up.cell_came();
                let cell = Arc::new(Cell::new(&code));
                let audience = Audience::Kernel { allow_stdin };
                self.execute_for_kernel(Asked { id, cell, of, audience, options, waited }, Self::attempt);
            }
            Job::Ask { id, question } => {
                let answer = catch_unwind(AssertUnwindSafe(|| question.answer(self)));
                let answer = answer.unwrap_or_else(|_| question.without_evcxr());
                self.events.send(&Event::Answer { id, answer });
            }
            Job::Expect { codes, idle } => self.warm_up.expect(&codes, idle, self.engine.as_ref()),
        }
    }
}
