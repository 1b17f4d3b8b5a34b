//! Reads what the kernel asks for: answers at once what needs no evcxr, and passes the rest on to the session.

use crate::process::output::Output;
use crate::questions::{self, Asked};
use crate::session::Job;
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::interrupts::Interrupts;
use ferrobook_protocol::build::StoreSettings;
use ferrobook_protocol::{Event, Request};
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

pub struct Front {
    pub events: Arc<Events>,
    pub output: Arc<Output>,
    pub interrupts: Arc<Interrupts>,
    pub checks: Arc<Checks>,
    /// Cells that are waiting or running.
    pub busy: Arc<AtomicUsize>,
    pub jobs: Sender<Job>,
    pub store: Option<StoreSettings>,
}

impl Front {
    /// Returns when the kernel has asked for the end, or is gone.
    pub fn read_requests(&self) {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            match serde_json::from_str(&line) {
                Ok(Request::Shutdown) => return,
                Ok(request) => self.take(request),
                Err(error) => tracing::error!("not a request: {error}"),
            }
        }
    }

    fn take(&self, request: Request) {
        match request {
            Request::Execute { id, code, allow_stdin, options, cell } => {
                self.busy.fetch_add(1, Ordering::SeqCst);
                self.interrupts.expect();
                self.pass(Job::Execute { id, code, cell, allow_stdin, options, arrived: Instant::now() });
            }
            Request::Ask { id, question } => match questions::of(id, question) {
                Asked::AtOnce(question) => {
                    self.events.send(&Event::Answer { id, answer: question.answer(self.store.as_ref()) })
                }
                Asked::InTurn(question) if self.busy.load(Ordering::SeqCst) == 0 => {
                    question.arrive(&self.checks);
                    self.pass(Job::Ask { id, question });
                }
                Asked::InTurn(question) => {
                    self.events.send(&Event::Answer { id, answer: question.without_evcxr() });
                }
            },
            Request::CancelChecks => self.checks.cancel(),
            // What waits is no reason to end a check; a cell that is asked for is.
            Request::Expect { codes, idle } => self.queue(Job::Expect { codes, idle }),
            Request::Input { id, value } => self.output.input(id, value),
            Request::Interrupt => self.interrupts.interrupt(),
            Request::Shutdown => {}
        }
    }

    /// Ends a check that runs, and gives the job its place behind what waits.
    fn pass(&self, job: Job) {
        self.checks.request_arrived();
        self.queue(job);
    }

    fn queue(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the session has ended");
            std::process::exit(1);
        }
    }
}
