//! What is known while cells run, and how it changes with what is read from the cell process and from cargo.

mod reading;

use super::run::{Audience, Outcome, OwnPanic, Run, Stage};
use super::rustc_messages::Check;
use crate::build::cargo_report::CargoReport;
use crate::diagnostics::source_map::SourceMap;
use crate::evcxr::bundles::{Bundle, Bundles};
use crate::evcxr::markers::Markers;
use crate::process::cell_link::CellLink;
use crate::process::panics;
use crate::process::snapshots::Snapshots;
use crate::process::utf8_stream::Utf8Stream;
use crate::program::{Compiled, SharedProgram};
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::interrupts::Interrupts;
use ferrobook_protocol::build::Cargo;
use ferrobook_protocol::cell::{Answer, Message, Reply, Request, Snapshot};
use ferrobook_protocol::{CellError, Event, LivePhase, StreamName};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub struct State {
    link: Arc<CellLink>,
    events: Arc<Events>,
    interrupts: Arc<Interrupts>,
    checks: Arc<Checks>,
    pub program: SharedProgram,
    markers: Markers,
    stdout: Utf8Stream,
    stderr: Utf8Stream,
    bundles: Bundles,
    /// The cell that output belongs to. Threads may go on to print after its end.
    pub current: Option<Run>,
    /// The cell that is only looked at.
    pub check: Option<Check>,
    pub show_types: bool,
    pub last_library: Option<PathBuf>,
    told_of_cache_trouble: bool,
    taking_over: Option<TakingOver>,
    /// How processes ended that nobody has asked for yet.
    exits: HashMap<i32, i32>,
    pub snapshots: Snapshots,
    /// The process that holds the variables.
    holder: Option<i32>,
    /// How the last one of these ended, as wait(2) gives it, while nobody took its place.
    pub holder_ended: Option<i32>,
}

/// A snapshot that waits for the answer to its [`Request::TookOver`].
struct TakingOver {
    pid: i32,
    sequence: u64,
    dead: i32,
    lost_threads: Vec<String>,
}

impl State {
    pub fn new(
        program: SharedProgram,
        link: Arc<CellLink>,
        events: Arc<Events>,
        interrupts: Arc<Interrupts>,
        checks: Arc<Checks>,
    ) -> Self {
        Self {
            link,
            events,
            interrupts,
            checks,
            program,
            markers: Markers::default(),
            stdout: Utf8Stream::default(),
            stderr: Utf8Stream::default(),
            bundles: Bundles::default(),
            current: None,
            check: None,
            show_types: false,
            last_library: None,
            told_of_cache_trouble: false,
            taking_over: None,
            exits: HashMap::new(),
            snapshots: Snapshots::from_environment(),
            holder: None,
            holder_ended: None,
        }
    }

    pub fn begin(&mut self, run: Run) {
        // It is not this cell's: evcxr has shown a value when it started.
        self.flush_bundle(false);
        self.program.lock().run += 1;
        self.exits.clear();
        self.taking_over = None;
        self.current = Some(run);
        self.tell_phase(LivePhase::Compile);
    }

    pub fn stream(&mut self, name: StreamName, text: String) {
        if let Some(Run { id, audience: Audience::Kernel { .. }, .. }) = &self.current
            && !text.is_empty()
        {
            self.events.send(&Event::Stream { id: *id, name, text });
        }
    }

    pub fn display(&mut self, data: Bundle, result: bool) {
        match &mut self.current {
            Some(Run { id, audience: Audience::Kernel { .. }, .. }) => {
                self.events.send(&Event::Display { id: *id, data, result });
            }
            Some(Run { audience: Audience::Host(shown), stage, .. }) if !matches!(stage, Stage::Over) => {
                shown.extend(data)
            }
            _ => {}
        }
    }

    pub fn cargo(&mut self, message: Cargo) {
        if let Some(check) = &mut self.check {
            return check.take(message, &self.checks);
        }
        match &message {
            Cargo::Started { group, shim } => {
                self.interrupts.waits(*shim);
                self.interrupts.group_began(*group);
            }
            Cargo::Exited { group } => self.interrupts.group_ended(*group),
            _ => {}
        }
        let is_building = matches!(message, Cargo::Started { .. } | Cargo::Line { .. } | Cargo::Exited { .. });
        let Some(run) = self.current.as_mut().filter(|run| !run.is_over()) else { return };
        let shown = match message {
            Cargo::Line { text, ending } => run.cargo.line(&text, ending),
            Cargo::Diagnostic { own: false, json } => {
                run.cargo.diagnostic(&json);
                None
            }
            Cargo::Diagnostic { own: true, json } => {
                run.diagnostics.add(&json, &self.program.lock().crate_dir);
                None
            }
            Cargo::Started { .. } => {
                run.build_began();
                None
            }
            Cargo::Exited { .. } => run.cargo.finish(),
            Cargo::Compiled { cell, cached } => {
                run.was_compiled(cell, cached);
                None
            }
            Cargo::Checked => None,
            Cargo::CratesNotShared { reason } => Some(format!(
                "warning: these crates cannot be shared by the cells, so that each cell has its own copy of them, with statics and \
                 threads of its own: {reason}\n"
            )),
            Cargo::CacheTrouble { text } => {
                let is_first = !std::mem::replace(&mut self.told_of_cache_trouble, true);
                is_first.then(|| format!("warning: {text}; everything works, but is compiled anew each time\n"))
            }
        };
        if let Some(text) = shown {
            self.stream(StreamName::Stderr, text);
        }
        if is_building {
            self.tell_phase(LivePhase::Compile);
        }
    }

    /// Tells the kernel where the cell is, when that is news.
    fn tell_phase(&mut self, phase: LivePhase) {
        let Some(run @ Run { audience: Audience::Kernel { .. }, .. }) = &mut self.current else { return };
        let now = (phase, run.cargo.progress().filter(|_| phase == LivePhase::Compile));
        if run.told.replace(now) != Some(now) {
            self.events.send(&Event::Phase { id: run.id, phase, crates: now.1 });
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Exited { pid, status } => {
                self.exits.insert(pid, status);
                if self.holder == Some(pid) {
                    self.holder_ended = Some(status);
                }
                self.finish_take_over();
            }
            Message::Crashed { pid, crash } => {
                if let Some(run) = &mut self.current {
                    run.crash = Some((pid, crash));
                }
            }
            Message::Stuck { pid } => {
                if let Some(run) = &mut self.current {
                    run.stuck = Some(pid);
                }
            }
            Message::Request { pid, sequence, request } => {
                if let Some(answer) = self.request(pid, sequence, request) {
                    self.link.reply(&Reply { pid, sequence, answer });
                }
            }
        }
    }

    /// The answer, or `None` when it comes later.
    fn request(&mut self, pid: i32, sequence: u64, request: Request) -> Option<Answer> {
        match request {
            Request::Loaded => {
                let options = self.current.as_ref().map(|run| run.options);
                Some(Answer::SnapshotLimit(options.map_or(0, |options| self.snapshots.limit_for(options))))
            }
            Request::Started { library, snapshot } => {
                self.started(pid, library, &snapshot);
                Some(Answer::Go)
            }
            Request::Finished { run_ms, cpu_ms } => {
                self.interrupts.run_ended();
                self.end_streams();
                let Some(run) = &mut self.current else { return Some(Answer::Go) };
                run.run_ended(Some(run_ms));
                run.cpu_ms += cpu_ms;
                Some(Answer::Print(std::mem::take(&mut run.for_evcxr)))
            }
            Request::Panicked(panic) => {
                if panic.main && self.current.as_ref().is_some_and(Run::is_running) {
                    self.print_pending_panic();
                    if let Some(run) = &mut self.current {
                        run.panic = Some(OwnPanic { facts: panic, is_printed: false });
                    }
                } else {
                    let text = panics::message(&panic, &self.program.lock());
                    self.stream(StreamName::Stderr, text);
                }
                Some(Answer::Go)
            }
            Request::Read => {
                self.end_streams();
                self.flush_bundle(false);
                let Some(run) = self.current.as_mut().filter(|run| run.allows_stdin() && !run.is_over()) else {
                    let text =
                        "this cell reads from stdin, which this frontend or this way of running does not offer\n";
                    self.stream(StreamName::Stderr, text.to_owned());
                    return Some(Answer::Input(None));
                };
                let (prompt, password) = run.prompt.take().unwrap_or_default();
                run.reading = Some((pid, sequence));
                let id = run.id;
                self.events.send(&Event::InputRequest { id, prompt, password });
                None
            }
            Request::TookOver { dead, lost_threads } => {
                self.taking_over = Some(TakingOver { pid, sequence, dead, lost_threads });
                self.finish_take_over();
                None
            }
        }
    }

    fn started(&mut self, pid: i32, library: String, snapshot: &Snapshot) {
        self.interrupts.run_began(pid);
        self.held_by(pid);
        if let Some(notice) = self.snapshots.notice(snapshot) {
            self.stream(StreamName::Stderr, notice);
        }
        self.last_library = Some(PathBuf::from(&library));
        let lib_rs = std::fs::read_to_string(self.program.lock().crate_dir.join("src/lib.rs")).unwrap_or_default();
        self.tell_phase(LivePhase::Run);
        let Some(run) = &mut self.current else { return };
        run.run_began(pid, snapshot);
        // A build that was tried before this one may have failed; what it said is of no interest any more.
        run.cargo = CargoReport::default();
        let map = SourceMap::new(&lib_rs, &run.cell);
        let cell = Arc::clone(&run.cell);
        let mut program = self.program.lock();
        let run = program.run;
        program.compiled.add(Compiled { library, map, cell, run });
    }

    /// A snapshot has taken over, and it is known how the process that it stands in for ended.
    fn finish_take_over(&mut self) {
        let Some(run) = &mut self.current else { return };
        let status = self.taking_over.as_ref().and_then(|waiting| self.exits.remove(&waiting.dead));
        let Some(status) = status else { return };
        let Some(TakingOver { pid, sequence, dead, lost_threads }) = self.taking_over.take() else { return };
        run.reading = None;
        run.run_ended(None);
        run.exit = Some(run.exited(dead, status, true, lost_threads));
        run.for_evcxr.clear();
        self.interrupts.run_ended();
        self.end_streams();
        self.held_by(pid);
        self.link.reply(&Reply { pid, sequence, answer: Answer::Go });
    }

    fn held_by(&mut self, pid: i32) {
        self.holder_ended = None;
        if self.holder.replace(pid) != Some(pid) {
            self.events.send(&Event::Holder { pid });
        }
    }

    pub fn input(&mut self, id: u32, value: Option<String>) {
        let Some(run) = self.current.as_mut().filter(|run| run.id == id) else { return };
        if let Some((pid, sequence)) = run.reading.take() {
            self.link.reply(&Reply { pid, sequence, answer: Answer::Input(value) });
        }
    }

    /// The cell went on after a panic of its own thread, so it may have caught it.
    fn print_pending_panic(&mut self) {
        let Some(OwnPanic { facts, is_printed }) = self.current.as_mut().and_then(|run| run.panic.as_mut()) else {
            return;
        };
        if std::mem::replace(is_printed, true) {
            return;
        }
        let text = panics::message(facts, &self.program.lock());
        self.stream(StreamName::Stderr, text);
    }

    pub fn end(&mut self, interrupted: bool) -> Outcome {
        self.end_streams();
        let ends_with_expression = self.current.as_ref().is_some_and(|run| run.cell.ends_with_expression);
        self.flush_bundle(ends_with_expression);
        let panicked = self.current.as_ref().is_some_and(|run| run.is_ended_by_panic);
        let mut panic = None;
        if panicked {
            let facts = self.current.as_mut().and_then(|run| run.panic.take());
            panic = Some(match facts {
                Some(OwnPanic { facts, .. }) => panics::error(&facts, &self.program.lock()),
                None => CellError {
                    ename: "panic".to_owned(),
                    evalue: "the cell panicked".to_owned(),
                    traceback: vec!["the cell panicked; a panic hook of its own kept the message".to_owned()],
                },
            });
        } else {
            self.print_pending_panic();
        }
        let exits = std::mem::take(&mut self.exits);
        let Some(run) = &mut self.current else {
            return Outcome::default();
        };
        run.end(&exits);
        let exit = run.exit.take().map(|exit| exit.error(interrupted, &self.program.lock()));
        Outcome {
            phases: run.phases(),
            cpu_ms: run.cpu_ms,
            shown: run.take_shown(),
            panic,
            user_error: run.user_error.take(),
            exit,
            cargo: run.cargo.failed().then(|| run.cargo.error()),
            cached: run.is_cached(),
            diagnostics: std::mem::take(&mut run.diagnostics),
        }
    }
}
