//! One cell, from its request to its end: what is known of it, and how long it took.

use super::rustc_messages::Diagnostics;
use crate::build::cargo_report::CargoReport;
use crate::cell::Cell;
use crate::evcxr::bundles::Bundle;
use crate::process::exit_report::Death;
use ferrobook_protocol::cell::{Crash, Panic, Snapshot};
use ferrobook_protocol::{BuildProgress, CellError, CellOptions, LivePhase, Phase};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who is told what a cell prints and shows.
#[derive(Debug)]
pub enum Audience {
    /// The kernel, at once.
    Kernel {
        /// Whether it can be asked for input.
        allow_stdin: bool,
    },
    /// The host itself, in the end, and only what the cell shows.
    Host(Bundle),
}

pub struct Run {
    pub id: u32,
    pub over: bool,
    /// What was told last of where it is.
    pub told: Option<(LivePhase, Option<BuildProgress>)>,
    pub audience: Audience,
    pub options: CellOptions,
    pub cell: Arc<Cell>,
    pub mark: Instant,
    pub compile_ms: f64,
    pub snapshot_ms: f64,
    pub run_ms: f64,
    pub compiled: bool,
    pub ran: bool,
    pub running: Option<Running>,
    pub cpu_ms: f64,
    pub for_evcxr: Vec<String>,
    pub panicked: bool,
    /// The last panic of the cell's own thread.
    pub panic: Option<Panic>,
    /// Whether it was printed, because the cell went on: it may have caught it.
    pub panic_printed: bool,
    pub user_error: Option<String>,
    pub prompt: Option<(String, bool)>,
    pub reading: Option<(i32, u64)>,
    pub taking_over: Option<TakingOver>,
    pub crash: Option<(i32, Crash)>,
    pub stuck: Option<i32>,
    pub death: Option<Death>,
    pub cargo: CargoReport,
    pub diagnostics: Diagnostics,
    pub compiled_cell: bool,
    pub ran_rustc: bool,
}

#[derive(Clone, Copy)]
pub struct Running {
    pub pid: i32,
    pub since: Instant,
    pub snapshot: bool,
}

/// A snapshot that waits for the answer to its [`Request::TookOver`].
pub struct TakingOver {
    pub pid: i32,
    pub sequence: u64,
    pub dead: i32,
    pub lost_threads: Vec<String>,
}

/// What is known at the end of a cell, besides evcxr's result.
#[derive(Default)]
pub struct Outcome {
    pub phases: Vec<Phase>,
    pub cpu_ms: f64,
    pub panic: Option<CellError>,
    pub user_error: Option<String>,
    /// How the process that ran the cell ended, if it did.
    pub death: Option<CellError>,
    pub cargo: Option<CellError>,
    pub diagnostics: Diagnostics,
    /// What the cell has shown to the host ([`Audience::Host`]).
    pub shown: Bundle,
    /// Whether the cell was compiled, and no rustc ran for it.
    pub cached: bool,
}

impl Run {
    pub fn new(id: u32, audience: Audience, options: CellOptions, cell: Arc<Cell>) -> Self {
        Self {
            id,
            over: false,
            told: None,
            audience,
            options,
            cell,
            mark: Instant::now(),
            compile_ms: 0.0,
            snapshot_ms: 0.0,
            run_ms: 0.0,
            compiled: false,
            ran: false,
            running: None,
            cpu_ms: 0.0,
            for_evcxr: Vec::new(),
            panicked: false,
            panic: None,
            panic_printed: false,
            user_error: None,
            prompt: None,
            reading: None,
            taking_over: None,
            crash: None,
            stuck: None,
            death: None,
            cargo: CargoReport::default(),
            diagnostics: Diagnostics::default(),
            compiled_cell: false,
            ran_rustc: false,
        }
    }

    pub fn run_began(&mut self, pid: i32, snapshot: &Snapshot) {
        let now = Instant::now();
        let copying = if let Snapshot::Taken { ms } = snapshot { *ms } else { 0.0 };
        self.snapshot_ms += copying;
        self.compile_ms += milliseconds(now - self.mark) - copying;
        self.compiled = true;
        self.ran = true;
        self.running = Some(Running { pid, since: now, snapshot: matches!(snapshot, Snapshot::Taken { .. }) });
    }

    pub fn run_ended(&mut self, ms: Option<f64>) {
        if let Some(running) = self.running.take() {
            self.run_ms += ms.unwrap_or_else(|| milliseconds(running.since.elapsed()));
        }
        self.mark = Instant::now();
    }

    pub fn allows_stdin(&self) -> bool {
        matches!(self.audience, Audience::Kernel { allow_stdin: true })
    }

    /// What it has shown to the host.
    pub fn take_shown(&mut self) -> Bundle {
        match &mut self.audience {
            Audience::Kernel { .. } => Bundle::new(),
            Audience::Host(shown) => std::mem::take(shown),
        }
    }

    /// The process that ran this cell is gone.
    pub fn died(&self, pid: i32, status: i32, restored: bool, lost_threads: Vec<String>) -> Death {
        let crash = self.crash.as_ref().filter(|(of, _)| *of == pid).map(|(_, crash)| crash.clone());
        Death { status, restored, lost_threads, stuck: self.stuck == Some(pid), crash }
    }

    pub fn phases(&mut self) -> Vec<Phase> {
        if !self.ran {
            self.compile_ms = milliseconds(self.mark.elapsed());
        }
        self.run_ended(None);
        let mut phases = Vec::new();
        if self.compiled {
            phases.push(Phase { name: "compile".to_owned(), ms: self.compile_ms });
        }
        if self.snapshot_ms > 0.0 {
            phases.push(Phase { name: "snapshot".to_owned(), ms: self.snapshot_ms });
        }
        if self.ran {
            phases.push(Phase { name: "run".to_owned(), ms: self.run_ms });
        }
        phases
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
