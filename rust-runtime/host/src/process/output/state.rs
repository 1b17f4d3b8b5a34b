//! What is known while cells run, and how it changes with what is read from the cell process and from cargo.

use super::run::{Audience, Outcome, Run, TakingOver};
use super::rustc_messages::Check;
use crate::build::cargo_report::CargoReport;
use crate::diagnostics::source_map::SourceMap;
use crate::evcxr::bundles::{self, Bundle, Bundles};
use crate::evcxr::markers::{Marker, Markers, Piece};
use crate::process::cell_link::{CellLink, unread};
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
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

const CHUNK: usize = 64 * 1024;
/// How many chunks are read before others get the lock.
const BURST: usize = 16;

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
    /// How processes ended that nobody has asked for yet.
    exits: HashMap<i32, i32>,
    pub snapshots: Snapshots,
    /// The process that holds the variables.
    holder: Option<i32>,
    /// How the last one of these ended, as wait(2) gives it, while nobody took its place.
    pub holder_ended: Option<i32>,
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
        self.current = Some(run);
        self.tell_phase(LivePhase::Compile);
    }

    pub fn pump(&mut self) {
        let mut chunk = vec![0; CHUNK];
        for _ in 0..BURST {
            let mut read = self.read_stdout(&mut chunk, CHUNK) + self.read_stderr(&mut chunk, CHUNK);
            if let Some(message) = self.link.receive() {
                self.drain();
                self.message(message);
                read += 1;
            }
            if read == 0 {
                return;
            }
        }
    }

    /// Reads what the pipes hold at this moment.
    fn drain(&mut self) {
        let mut chunk = vec![0; CHUNK];
        let mut left = (unread(&self.link.stdout), unread(&self.link.stderr));
        while left.0 > 0 {
            match self.read_stdout(&mut chunk, left.0.min(CHUNK)) {
                0 => break,
                size => left.0 -= size,
            }
        }
        while left.1 > 0 {
            match self.read_stderr(&mut chunk, left.1.min(CHUNK)) {
                0 => break,
                size => left.1 -= size,
            }
        }
    }

    fn read_stdout(&mut self, chunk: &mut [u8], most: usize) -> usize {
        match (&self.link.stdout).read(&mut chunk[..most]) {
            Ok(size) if size > 0 => {
                self.stdout_bytes(&chunk[..size]);
                size
            }
            _ => 0,
        }
    }

    fn read_stderr(&mut self, chunk: &mut [u8], most: usize) -> usize {
        match (&self.link.stderr).read(&mut chunk[..most]) {
            Ok(size) if size > 0 => {
                self.flush_bundle(false);
                self.print_pending_panic();
                let text = self.stderr.decode(&chunk[..size]);
                self.stream(StreamName::Stderr, text);
                size
            }
            _ => 0,
        }
    }

    fn stdout_bytes(&mut self, bytes: &[u8]) {
        let mut markers = std::mem::take(&mut self.markers);
        markers.feed(bytes, |piece| self.piece(piece));
        self.markers = markers;
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Text(bytes) => {
                self.flush_bundle(false);
                self.print_pending_panic();
                let text = self.stdout.decode(bytes);
                self.stream(StreamName::Stdout, text);
            }
            Piece::Block { mime, content } => self.block(mime, &content),
            Piece::ForEvcxr(marker, line) => {
                let Some(run) = &mut self.current else { return };
                run.for_evcxr.push(line);
                run.panicked |= marker == Marker::Panic;
                if marker == Marker::UserError && run.user_error.is_none() {
                    run.user_error = Some(String::new());
                }
            }
            Piece::Prompt { prompt, password } => {
                if let Some(run) = &mut self.current {
                    run.prompt = Some((prompt, password));
                }
            }
        }
    }

    fn block(&mut self, mime: String, content: &[u8]) {
        self.print_pending_panic();
        let text = || String::from_utf8_lossy(content).into_owned();
        match mime.as_str() {
            "ferrobook/result" => {
                let text = text();
                let (type_name, value) = text.split_once('\n').unwrap_or(("", &text));
                let value = if self.show_types {
                    format!(": {} = {value}", crate::evcxr::prelude::short_type_name(type_name))
                } else {
                    value.to_owned()
                };
                self.flush_bundle(false);
                self.display(Bundle::from([("text/plain".to_owned(), value)]), true);
            }
            "ferrobook/error" => {
                if let Some(run) = &mut self.current {
                    run.user_error = Some(text());
                }
            }
            "ferrobook/bundle" => {
                self.flush_bundle(false);
                if let Some(bundle) = bundles::parse(content) {
                    self.display(bundle, false);
                }
            }
            _ => {
                if let Some(finished) = self.bundles.push(mime, text()) {
                    self.display(finished, false);
                }
            }
        }
    }

    pub fn flush_bundle(&mut self, result: bool) {
        if let Some(bundle) = self.bundles.take() {
            self.display(bundle, result);
        }
    }

    pub fn is_holding(&self) -> bool {
        self.bundles.is_pending() || self.markers.is_holding()
    }

    /// Nothing came for a moment: what looked like the beginning of something is text.
    pub fn let_go(&mut self) {
        if self.markers.is_holding() {
            let mut markers = std::mem::take(&mut self.markers);
            markers.end(|piece| self.piece(piece));
        }
        if let Some(bundle) = self.bundles.take_stale() {
            self.display(bundle, false);
        }
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
            Some(Run { audience: Audience::Host(shown), over: false, .. }) => shown.extend(data),
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
        let Some(run) = self.current.as_mut().filter(|run| !run.over) else { return };
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
                run.compiled = true;
                run.diagnostics.begin_build();
                None
            }
            Cargo::Exited { .. } => run.cargo.finish(),
            Cargo::Compiled { cell, cached } => {
                run.compiled |= cell;
                run.compiled_cell |= cell;
                run.ran_rustc |= !cached;
                None
            }
            Cargo::Checked => None,
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
                if panic.main && self.current.as_ref().is_some_and(|run| run.running.is_some()) {
                    self.print_pending_panic();
                    if let Some(run) = &mut self.current {
                        run.panic = Some(panic);
                        run.panic_printed = false;
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
                let Some(run) = self.current.as_mut().filter(|run| run.allows_stdin() && !run.over) else {
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
                let run = self.current.as_mut()?;
                run.taking_over = Some(TakingOver { pid, sequence, dead, lost_threads });
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
        let status = run.taking_over.as_ref().and_then(|waiting| self.exits.remove(&waiting.dead));
        let Some(status) = status else { return };
        let Some(TakingOver { pid, sequence, dead, lost_threads }) = run.taking_over.take() else { return };
        run.reading = None;
        run.run_ended(None);
        run.death = Some(run.died(dead, status, true, lost_threads));
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

    /// The cell will not complete what it has begun to write.
    fn end_streams(&mut self) {
        let mut markers = std::mem::take(&mut self.markers);
        markers.end(|piece| self.piece(piece));
        let (stdout, stderr) = (self.stdout.end(), self.stderr.end());
        self.stream(StreamName::Stdout, stdout);
        self.stream(StreamName::Stderr, stderr);
    }

    /// The cell went on after a panic of its own thread, so it may have caught it.
    fn print_pending_panic(&mut self) {
        let Some(run) = self.current.as_mut().filter(|run| !run.panic_printed) else { return };
        let Some(panic) = run.panic.clone() else { return };
        run.panic_printed = true;
        let text = panics::message(&panic, &self.program.lock());
        self.stream(StreamName::Stderr, text);
    }

    pub fn end(&mut self, interrupted: bool) -> Outcome {
        self.end_streams();
        let ends_with_expression = self.current.as_ref().is_some_and(|run| run.cell.ends_with_expression);
        self.flush_bundle(ends_with_expression);
        let panicked = self.current.as_ref().is_some_and(|run| run.panicked);
        let mut panic = None;
        if panicked {
            let facts = self.current.as_mut().and_then(|run| run.panic.take());
            panic = Some(match facts {
                Some(facts) => panics::error(&facts, &self.program.lock()),
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
        run.over = true;
        // Without a snapshot nobody takes over; the keeper has told how the process ended all the same.
        if run.death.is_none()
            && let Some(running) = run.running.filter(|running| !running.snapshot)
            && let Some(status) = exits.get(&running.pid)
        {
            run.death = Some(run.died(running.pid, *status, false, Vec::new()));
        }
        let death = self.current.as_mut().and_then(|run| run.death.take());
        let death = death.map(|death| death.error(interrupted, &self.program.lock()));
        let Some(run) = &mut self.current else { return Outcome::default() };
        Outcome {
            phases: run.phases(),
            cpu_ms: run.cpu_ms,
            shown: run.take_shown(),
            panic,
            user_error: run.user_error.take(),
            death,
            cargo: run.cargo.failed().then(|| run.cargo.error()),
            cached: run.compiled_cell && !run.ran_rustc,
            diagnostics: std::mem::take(&mut run.diagnostics),
        }
    }
}
