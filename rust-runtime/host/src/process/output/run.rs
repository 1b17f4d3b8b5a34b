//! One cell, from its request to its end: what is known of it, and how long it took.

use super::rustc_messages::Diagnostics;
use crate::build::cargo_report::CargoReport;
use crate::cell::Cell;
use crate::evcxr::bundles::Bundle;
use crate::process::exit_report::ExitReport;
use ferrobook_protocol::cell::{Crash, Panic, Snapshot};
use ferrobook_protocol::{BuildProgress, CellError, CellOptions, LivePhase, Phase};
use std::collections::HashMap;
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
    pub audience: Audience,
    pub options: CellOptions,
    pub cell: Arc<Cell>,
    pub stage: Stage,
    /// What was told last of where it is.
    pub told: Option<(LivePhase, Option<BuildProgress>)>,
    /// `None` while nothing was compiled.
    compile_ms: Option<f64>,
    snapshot_ms: f64,
    /// `None` while its code was not called.
    run_ms: Option<f64>,
    pub cpu_ms: f64,
    pub cargo: CargoReport,
    pub diagnostics: Diagnostics,
    compiled: CompiledBy,
    /// Lines that evcxr must see.
    pub for_evcxr: Vec<String>,
    /// Whether evcxr's code has caught a panic of the cell.
    pub is_ended_by_panic: bool,
    /// The last panic of the cell's own thread.
    pub panic: Option<OwnPanic>,
    pub user_error: Option<String>,
    /// What the next read from stdin is for, and whether it is a password.
    pub prompt: Option<(String, bool)>,
    /// The process that waits for input, and the number of its request.
    pub reading: Option<(i32, u64)>,
    pub crash: Option<(i32, Crash)>,
    /// The process that has ended itself because nothing in it could go on.
    pub stuck: Option<i32>,
    pub exit: Option<ExitReport>,
}

/// Where a cell is. evcxr may compile again after a run, as it does for a type that has changed.
pub enum Stage {
    /// Its code is not running: it is compiled, or evcxr is at something else.
    Compiling {
        since: Instant,
    },
    Running(Running),
    Over,
}

/// The call of the compiled code.
#[derive(Clone, Copy)]
pub struct Running {
    pub pid: i32,
    since: Instant,
    has_snapshot: bool,
}

pub struct OwnPanic {
    pub facts: Panic,
    /// Whether it was printed, because the cell went on: it may have caught it.
    pub is_printed: bool,
}

/// Where the results of compilers came from.
#[derive(Default)]
struct CompiledBy {
    /// Whether one was for the cell itself.
    for_cell: bool,
    /// Whether rustc has run, for the cell or for a crate.
    rustc: bool,
}

/// What is known at the end of a cell, besides evcxr's result.
#[derive(Default)]
pub struct Outcome {
    pub phases: Vec<Phase>,
    pub cpu_ms: f64,
    pub panic: Option<CellError>,
    pub user_error: Option<String>,
    /// How the process that ran the cell ended, if it did.
    pub exit: Option<CellError>,
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
            audience,
            options,
            cell,
            stage: Stage::Compiling { since: Instant::now() },
            told: None,
            compile_ms: None,
            snapshot_ms: 0.0,
            run_ms: None,
            cpu_ms: 0.0,
            cargo: CargoReport::default(),
            diagnostics: Diagnostics::default(),
            compiled: CompiledBy::default(),
            for_evcxr: Vec::new(),
            is_ended_by_panic: false,
            panic: None,
            user_error: None,
            prompt: None,
            reading: None,
            crash: None,
            stuck: None,
            exit: None,
        }
    }

    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    pub fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running(_))
    }

    /// Whether its compiled code was called.
    pub fn has_run(&self) -> bool {
        self.run_ms.is_some()
    }

    /// Whether it was compiled, and no rustc ran for it.
    pub fn is_cached(&self) -> bool {
        self.compiled.for_cell && !self.compiled.rustc
    }

    pub fn build_began(&mut self) {
        self.compile_ms.get_or_insert(0.0);
        self.diagnostics.begin_build();
    }

    /// There is the result of a compiler: for the cell, or for a crate.
    pub fn was_compiled(&mut self, for_cell: bool, cached: bool) {
        if for_cell {
            self.compile_ms.get_or_insert(0.0);
        }
        self.compiled.for_cell |= for_cell;
        self.compiled.rustc |= !cached;
    }

    pub fn run_began(&mut self, pid: i32, snapshot: &Snapshot) {
        let copying = if let Snapshot::Taken { ms } = snapshot { *ms } else { 0.0 };
        if self.is_running() {
            // The process of the call before this one has ended without a word.
            self.run_ended(None);
        }
        let Stage::Compiling { since } = self.stage else { return };
        let now = Instant::now();
        self.snapshot_ms += copying;
        *self.compile_ms.get_or_insert(0.0) += milliseconds(now - since) - copying;
        self.run_ms.get_or_insert(0.0);
        let has_snapshot = matches!(snapshot, Snapshot::Taken { .. });
        self.stage = Stage::Running(Running { pid, since: now, has_snapshot });
    }

    /// `ms` is how long its code has run, where that is known better than from here.
    pub fn run_ended(&mut self, ms: Option<f64>) {
        if let Stage::Running(running) = self.stage {
            *self.run_ms.get_or_insert(0.0) += ms.unwrap_or_else(|| milliseconds(running.since.elapsed()));
        }
        if !self.is_over() {
            self.stage = Stage::Compiling { since: Instant::now() };
        }
    }

    /// The cell is over. `exits` are the processes that have ended meanwhile, and how.
    pub fn end(&mut self, exits: &HashMap<i32, i32>) {
        // Without a snapshot nobody takes over; the keeper has told how the process ended all the same.
        if self.exit.is_none()
            && let Stage::Running(Running { pid, has_snapshot: false, .. }) = self.stage
            && let Some(status) = exits.get(&pid)
        {
            self.exit = Some(self.exited(pid, *status, false, Vec::new()));
        }
        if let Stage::Compiling { since } = self.stage
            && !self.has_run()
            && let Some(compile_ms) = &mut self.compile_ms
        {
            *compile_ms = milliseconds(since.elapsed());
        }
        self.run_ended(None);
        self.stage = Stage::Over;
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
    pub fn exited(&self, pid: i32, status: i32, restored: bool, lost_threads: Vec<String>) -> ExitReport {
        let crash = self.crash.as_ref().filter(|(of, _)| *of == pid).map(|(_, crash)| crash.clone());
        ExitReport { status, restored, lost_threads, stuck: self.stuck == Some(pid), crash }
    }

    pub fn phases(&self) -> Vec<Phase> {
        let snapshot = Some(self.snapshot_ms).filter(|ms| *ms > 0.0);
        let phases = [("compile", self.compile_ms), ("snapshot", snapshot), ("run", self.run_ms)];
        phases.into_iter().filter_map(|(name, ms)| Some(Phase { name: name.to_owned(), ms: ms? })).collect()
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
