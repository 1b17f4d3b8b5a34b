//! Runs requests one after the other on the thread that owns evcxr.

pub mod checks;
pub mod events;
pub mod front;
pub mod interrupts;

use crate::build::cargo_report;
use crate::build::setup::{Leftovers, Setup};
use crate::build::toolchain::ToolchainError;
use crate::cell::statements::{self, Cell, Command};
use crate::diagnostics::editor;
use crate::diagnostics::render::{self, Renderings};
use crate::diagnostics::source_map::SourceMap;
use crate::evcxr::bundles::Bundle;
use crate::evcxr::engine::Engine;
use crate::process::output::{Audience, Diagnostics, Outcome, Output};
use crate::process::shell;
use crate::program::generations::Generations;
use crate::questions::InTurn;
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::interrupts::Interrupts;
use evcxr::{CompilationError, Error, EvalOutputs};
use ferrobook_protocol::build::{BuildOptions, Dependencies};
use ferrobook_protocol::{Build, CellError, CellOptions, CellTiming, Diagnostic, Event, Phase, Status, StreamName};
use ferrobook_sys::memory::give_back;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The exit code with which the kernel starts a new host.
pub const EVCXR_PANICKED: i32 = 70;

/// How long nothing has to be asked for before rust-analyzer is warmed up: who has opened a notebook often runs it at once, and
/// a cell that is known would wait for it.
const BEFORE_WARMING: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub enum Job {
    Execute { id: u32, code: String, allow_stdin: bool, options: CellOptions, arrived: Instant },
    Ask { id: u32, question: Box<dyn InTurn> },
    Expect { codes: Vec<String>, idle: bool },
}

/// What is known of the cells that will be asked for next.
#[derive(Debug, PartialEq, Eq)]
pub enum Upcoming {
    /// Nothing, and nothing runs.
    Unknown,
    /// Nothing, but a cell of another language runs. A client that sends one cell after the other may well send one next
    /// that is known, which would wait for rust-analyzer.
    Later,
    /// So many, which rust-analyzer is not needed for.
    Simple(usize),
    /// One at least needs rust-analyzer.
    Inferred,
}

/// Why a cell did not get to its end.
enum Failure {
    /// At a byte of the cell.
    Syntax(usize, &'static str),
    Unavailable(ToolchainError),
    Evcxr(Error),
    Own(CellError),
    Interrupted,
    EvcxrPanicked(String),
}

pub struct Session {
    pub setup: Setup,
    pub leftovers: Arc<Mutex<Leftovers>>,
    pub generations: Generations,
    pub events: Arc<Events>,
    pub output: Arc<Output>,
    pub interrupts: Arc<Interrupts>,
    pub checks: Arc<Checks>,
    /// Cells that are waiting or running.
    pub busy: Arc<AtomicUsize>,
    pub engine: Option<Engine>,
    /// Printed on stderr of the next cell.
    pub notice: Option<String>,
    /// When the last cell ended.
    pub last_end: Instant,
    pub upcoming: Upcoming,
    /// The exit code with which the host ends after this request.
    pub ended: Option<i32>,
}

/// A cell to execute.
struct Asked<'a> {
    id: u32,
    code: &'a str,
    audience: Audience,
    options: CellOptions,
    /// For the host to take it up.
    waited: Duration,
}

/// Why a cell failed, as the frontend is told.
struct Report {
    error: CellError,
    diagnostics: Vec<Diagnostic>,
}

impl From<CellError> for Report {
    fn from(error: CellError) -> Self {
        Self { error, diagnostics: Vec::new() }
    }
}

/// A cell that is over.
struct Executed {
    /// Why it failed, if it did.
    report: Option<Report>,
    timing: CellTiming,
    /// What it has shown to the host ([`Audience::Host`]).
    shown: Bundle,
}

impl Session {
    pub fn run(&mut self, jobs: &Receiver<Job>) {
        if let Err(error) = self.start() {
            self.events.send(&Event::Unavailable { message: error.to_string(), help: error.help() });
        }
        let mut cold = Engine::WARM_UPS.iter();
        let mut is_warming = false;
        loop {
            let patience = match self.upcoming {
                Upcoming::Unknown if !is_warming => BEFORE_WARMING,
                Upcoming::Unknown | Upcoming::Inferred => Duration::ZERO,
                Upcoming::Later | Upcoming::Simple(_) => Duration::MAX,
            };
            let job = match jobs.recv_timeout(patience) {
                Ok(job) => job,
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => match (&mut self.engine, cold.next()) {
                    (Some(engine), Some(code)) => {
                        if catch_unwind(AssertUnwindSafe(|| engine.warm_up(code))).is_err() {
                            tracing::warn!("rust-analyzer panicked while it was warmed up");
                        }
                        is_warming = true;
                        continue;
                    }
                    _ => {
                        if self.upcoming == Upcoming::Unknown {
                            // rust-analyzer frees a third of all that it has had when it has read the standard library.
                            give_back();
                        }
                        match jobs.recv() {
                            Ok(job) => job,
                            Err(_) => return,
                        }
                    }
                },
            };
            is_warming = false;
            if !matches!(job, Job::Expect { .. }) {
                self.checks.request_taken_up();
            }
            self.answer(job);
            if let Some(code) = self.ended {
                self.interrupts.end_all();
                self.leftovers.lock().unwrap_or_else(PoisonError::into_inner).remove();
                std::process::exit(code);
            }
        }
    }

    fn start(&mut self) -> Result<(), ToolchainError> {
        let started = catch_unwind(AssertUnwindSafe(|| Engine::start(&self.setup, &self.output)));
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

    fn answer(&mut self, job: Job) {
        match job {
            Job::Execute { id, code, allow_stdin, options, arrived } => {
                // Time behind another cell is not this one's start.
                let waited = arrived.max(self.last_end).elapsed();
                self.upcoming = match self.upcoming {
                    Upcoming::Simple(more @ 2..) => Upcoming::Simple(more - 1),
                    _ => Upcoming::Unknown,
                };
                let audience = Audience::Kernel { allow_stdin };
                self.execute_for_kernel(Asked { id, code: &code, audience, options, waited }, Self::attempt);
            }
            Job::Ask { id, question } => {
                let answer = catch_unwind(AssertUnwindSafe(|| question.answer(self)));
                let answer = answer.unwrap_or_else(|_| question.without_evcxr());
                self.events.send(&Event::Answer { id, answer });
            }
            Job::Expect { codes, idle } => {
                self.upcoming = match &self.engine {
                    Some(engine) if !codes.is_empty() => match codes.iter().all(|code| engine.is_simple(code)) {
                        true => Upcoming::Simple(codes.len()),
                        false => Upcoming::Inferred,
                    },
                    _ if idle => Upcoming::Unknown,
                    _ => Upcoming::Later,
                };
            }
        }
    }

    fn execute_for_kernel(&mut self, asked: Asked, run: impl FnOnce(&mut Self, &str) -> Result<(), Failure>) {
        let id = asked.id;
        let Executed { report, timing, .. } = self.execute(asked, run);
        let status = if report.is_some() { Status::Error } else { Status::Ok };
        if let Some(Report { error, diagnostics }) = report {
            self.events.send(&Event::Error { id, error, diagnostics });
        }
        // Before the kernel knows of the end: its next question must not find this cell running.
        self.busy.fetch_sub(1, Ordering::SeqCst);
        self.events.send(&Event::Done { id, status, timing });
    }

    /// Runs a cell of the host's own, of which nothing is told: the caller gets what it shows, or its error.
    pub fn look(&mut self, id: u32, code: &str) -> Result<Bundle, CellError> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        self.interrupts.expect();
        let audience = Audience::Host(Bundle::new());
        let asked = Asked { id, code, audience, options: CellOptions::default(), waited: Duration::ZERO };
        let Executed { report, shown, .. } = self.execute(asked, Self::attempt);
        self.busy.fetch_sub(1, Ordering::SeqCst);
        match report {
            Some(Report { error, .. }) => Err(error),
            None => Ok(shown),
        }
    }

    fn execute(&mut self, asked: Asked, run: impl FnOnce(&mut Self, &str) -> Result<(), Failure>) -> Executed {
        let Asked { id, code, audience, options, waited } = asked;
        let cell = Cell::new(code);
        let cpu = children_cpu_ms();
        self.interrupts.begin();
        let (commands, _) = statements::split_commands(code);
        let is_dependency = |(_, command): &&(usize, Command)| matches!(command, Command::Evcxr { name: ":dep", .. });
        let count = commands.iter().filter(is_dependency).count();
        self.setup.orders.change(|order| {
            order.options = BuildOptions { debug: options.debug, fresh: !options.cache };
            order.dependencies = (count > 1).then_some(Dependencies { cell: id, count });
        });
        self.output.begin(id, audience, options, cell.clone());
        let refused = match cell.ignored {
            Some((position, message)) => Some(Failure::Syntax(position, message)),
            None if options.debug => self.two_layouts(&cell).map(Failure::Own),
            None => None,
        };
        let result = match refused {
            Some(failure) => Err(failure),
            None => {
                self.generations.begin(&cell);
                let result = run(self, code);
                self.generations.end(result.is_ok());
                result
            }
        };
        let interrupted = self.interrupts.end();
        if let Some(engine) = self.engine.as_mut().filter(|_| interrupted) {
            engine.was_interrupted();
        }
        let mut outcome = self.output.end(interrupted);
        let shown = std::mem::take(&mut outcome.shown);
        let timing = CellTiming {
            phases: start_phase(waited).into_iter().chain(outcome.phases.clone()).collect(),
            cpu_ms: outcome.cpu_ms + (children_cpu_ms() - cpu).max(0.0),
            cached: outcome.cached,
            build: Build {
                debug: options.debug,
                target_cpu: self.engine.as_ref().and_then(|engine| engine.target_cpu.clone()),
            },
        };
        if matches!(result, Err(Failure::EvcxrPanicked(_))) {
            self.ended = Some(EVCXR_PANICKED);
        }
        if result.is_ok() {
            self.output.remember_items(&cell);
        }
        self.last_end = Instant::now();
        Executed { report: self.judge(result, interrupted, outcome, &cell), timing, shown }
    }

    /// Values would be read wrongly if their types had another layout in this cell than in others.
    fn two_layouts(&self, cell: &Cell) -> Option<CellError> {
        self.output.with_earlier(|earlier| {
            let mut items = earlier.items().chain(&cell.statements);
            let item = loop {
                let item = items.next()?;
                // A later definition takes the place of this one.
                if item.has_two_layouts() && !items.clone().any(|later| later.is_item && later.name == item.name) {
                    break item;
                }
            };
            let message = format!(
                "`{}` is another one with debug assertions than without, and its values would be read wrongly: take \
                 `debug_assertions` out of it, or run the cell without --debug",
                item.name.as_deref().unwrap_or("a type")
            );
            Some(plain("DebugAssertions", &message))
        })
    }

    fn attempt(&mut self, code: &str) -> Result<(), Failure> {
        if self.interrupts.is_interrupted() {
            return Err(Failure::Interrupted);
        }
        if self.engine.is_none() {
            // Rust may have been installed since.
            self.start().map_err(Failure::Unavailable)?;
        }
        if let Some(notice) = self.notice.take() {
            self.output.print(StreamName::Stderr, &notice);
        }
        guarded(self, code, Self::run_cell)
    }

    fn run_cell(&mut self, code: &str) -> Result<(), Failure> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let path = &self.setup.path;
        let (commands, _) = statements::split_commands(code);
        let mut done = Vec::new();
        let mut shipped = None;
        for (line, command) in &commands {
            match command {
                Command::Shell(command) => {
                    shell::run(command, path, &self.output, &self.interrupts).map_err(Failure::Own)?
                }
                Command::Evcxr { name: ":quit", .. } => {
                    let text = "`:quit` does nothing here: use the frontend to restart or shut down the kernel.\n";
                    self.output.print(StreamName::Stdout, text);
                }
                Command::Evcxr { name, arguments } if Engine::wants(name) => {
                    let outputs = engine.command(*line, name, arguments).map_err(Failure::Evcxr)?;
                    show(&self.output, outputs);
                }
                Command::Evcxr { name: ":dep", arguments: "ferrobook" } => {
                    shipped = Some(*line);
                    continue;
                }
                Command::Evcxr { .. } => continue,
            }
            done.push(*line);
        }
        let mut rest = statements::blank_lines(code, |line| done.contains(&line));
        if let Some(line) = shipped
            && let Some(directory) = self.setup.ferrobook_crate()
        {
            let dependency = format!(":dep ferrobook = {{ path = {:?} }}", directory.display().to_string());
            rest = replace_line(&rest, line, &dependency);
        }
        if rest.trim().is_empty() {
            return Ok(());
        }
        let mut outputs = engine.execute(&rest);
        if let Err(Error::SubprocessTerminated(how)) = &outputs {
            self.interrupts.cells_ended();
            // It had ended before the cell: evcxr has started another one by now, and nothing of the cell has run.
            if !self.output.has_run() {
                let how = self.output.how_the_holder_ended().unwrap_or_else(|| how.clone());
                let notice = format!(
                    "The process that held the Rust variables has ended, and they are lost: {}. \
                     Functions and types are kept.\n",
                    how.trim()
                );
                self.output.print(StreamName::Stderr, &notice);
                outputs = engine.execute(&rest);
            }
        }
        show(&self.output, outputs.map_err(Failure::Evcxr)?);
        Ok(())
    }

    /// What the frontend is told about the end of the cell.
    fn judge(&self, result: Result<(), Failure>, interrupted: bool, outcome: Outcome, cell: &Cell) -> Option<Report> {
        if outcome.death.is_some() {
            return outcome.death.map(Report::from);
        }
        let failure = match result {
            Ok(()) => {
                return outcome.panic.or_else(|| outcome.user_error.map(|text| user_error(&text))).map(Report::from);
            }
            Err(Failure::EvcxrPanicked(text)) => return Some(evcxr_panicked(&text).into()),
            Err(_) if interrupted => {
                return Some(plain("Interrupted", "compilation interrupted; all variables are kept").into());
            }
            Err(failure) => failure,
        };
        let error = match failure {
            Failure::Syntax(position, message) => {
                let diagnostics = vec![editor::syntax_error(cell, position, message)];
                return Some(Report { error: render::syntax_error(cell, position, message), diagnostics });
            }
            Failure::Evcxr(Error::CompilationErrors(errors)) => {
                return Some(self.compilation_error(&errors, &outcome.diagnostics, cell));
            }
            Failure::Unavailable(error) => plain(error.name(), &format!("{error}\n{}", error.help())),
            Failure::Own(error) => error,
            Failure::Interrupted => plain("Interrupted", "the cell was interrupted before it began"),
            Failure::EvcxrPanicked(text) => evcxr_panicked(&text),
            Failure::Evcxr(Error::SubprocessTerminated(message)) => plain(
                "ProcessExit",
                &format!("the process that held the Rust variables has ended, and they are lost: {}", message.trim()),
            ),
            Failure::Evcxr(error) => match outcome.cargo {
                Some(cargo) => cargo,
                None => evcxr_error(&error.to_string()),
            },
        };
        Some(error.into())
    }

    fn compilation_error(&self, errors: &[CompilationError], rustc: &Diagnostics, cell: &Cell) -> Report {
        if let Some(error) = errors.iter().find_map(|error| dependency_error(error, cell)) {
            return error.into();
        }
        let (mut error, diagnostics) = self.with_renderings(rustc, cell, 0, |renderings| {
            (render::error(errors, renderings), editor::all(errors, renderings))
        });
        if errors.iter().all(|error| error.json.is_null()) {
            error.ename = "EvcxrError".to_owned();
        }
        Report { error, diagnostics }
    }

    /// All that is needed to speak of a cell's lines. `above` is how many lines evcxr was given above the cell.
    pub fn with_renderings<T>(
        &self,
        rustc: &Diagnostics,
        cell: &Cell,
        above: usize,
        use_them: impl FnOnce(&Renderings) -> T,
    ) -> T {
        let crate_dir = self.engine.as_ref().map(|engine| engine.crate_dir.clone()).unwrap_or_default();
        let map = SourceMap::new(&rustc.generated, cell);
        self.output.with_earlier(|earlier| {
            let messages = &rustc.messages;
            use_them(&Renderings { messages, cell, map: &map, earlier, crate_dir: &crate_dir, above })
        })
    }
}

/// evcxr can panic. It is in an unknown state then, and the host ends.
fn guarded(
    session: &mut Session,
    code: &str,
    run: impl FnOnce(&mut Session, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ran = catch_unwind(AssertUnwindSafe(|| run(session, code)));
    ran.unwrap_or_else(|panic| Err(Failure::EvcxrPanicked(panic_text(&*panic))))
}

/// The failure of a `:dep` line, in cargo's words.
fn dependency_error(error: &CompilationError, cell: &Cell) -> Option<CellError> {
    if !error.json.is_null() {
        return None;
    }
    let line = error.primary_spanned_message()?.span?.start_line;
    let (commands, _) = statements::split_commands(&cell.source);
    let is_dep = |(number, command): &(usize, Command)| {
        *number + 1 == line && matches!(command, Command::Evcxr { name: ":dep", .. })
    };
    let message = error.message();
    let is_cargos = !message.starts_with("Invalid :dep command") && !message.starts_with(":dep requires");
    (is_cargos && commands.iter().any(is_dep)).then(|| cargo_report::cargo_error(&message))
}

fn show(output: &Output, outputs: EvalOutputs) {
    let content: BTreeMap<String, String> = outputs.content_by_mime_type.into_iter().collect();
    match content.get("text/plain") {
        _ if content.is_empty() => {}
        Some(text) if content.len() == 1 => output.print(StreamName::Stdout, text),
        _ => output.display(content),
    }
}

fn replace_line(source: &str, line: usize, replacement: &str) -> String {
    let lines = source.split_inclusive('\n').enumerate().map(|(number, text)| match text.strip_suffix('\n') {
        _ if number != line => text.to_owned(),
        Some(_) => format!("{replacement}\n"),
        None => replacement.to_owned(),
    });
    lines.collect()
}

fn plain(name: &str, message: &str) -> CellError {
    CellError {
        ename: name.to_owned(),
        evalue: message.to_owned(),
        traceback: vec![format!("\x1b[1;31m{name}\x1b[0m: {message}")],
    }
}

fn user_error(text: &str) -> CellError {
    CellError {
        ename: "Error".to_owned(),
        evalue: text.to_owned(),
        traceback: vec![format!("\x1b[1;31mError\x1b[0m: {text}")],
    }
}

fn evcxr_error(message: &str) -> CellError {
    if message.contains("did not contain valid UTF-8") {
        return plain("EvcxrError", "the compiled cell could not be loaded; its stderr says why");
    }
    let is_cargos =
        message.starts_with("error:") || message.contains("cargo metadata") || message.contains("no matching package");
    if is_cargos || message.starts_with("Compilation failed, but no parsable errors") {
        return cargo_report::cargo_error(message);
    }
    plain("EvcxrError", message)
}

fn evcxr_panicked(text: &str) -> CellError {
    plain(
        "EvcxrPanic",
        &format!(
            "evcxr itself failed on this cell ({text}); the Rust side starts anew, and the Rust variables are lost"
        ),
    )
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

fn start_phase(waited: Duration) -> Option<Phase> {
    let ms = waited.as_secs_f64() * 1000.0;
    (ms >= 1.0).then(|| Phase { name: "start".to_owned(), ms })
}

/// CPU time of the processes that have ended: cargo, rustc, shell commands.
fn children_cpu_ms() -> f64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return 0.0 };
    (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::cell_link::CellLink;
    use ferrobook_protocol::LivePhase;
    use std::io::{BufRead, BufReader};

    /// A session without an engine, and what it sends.
    fn session() -> (Session, impl Iterator<Item = Event>) {
        let (read, write) = std::io::pipe().unwrap();
        let events = Arc::new(Events::to(std::os::fd::OwnedFd::from(write).into()));
        let (setup, cargo, leftovers) = Setup::new().unwrap();
        let interrupts = Arc::new(Interrupts::default());
        let checks = Arc::new(Checks::default());
        let link = CellLink::open().unwrap();
        let output = Output::new(link, cargo, Arc::clone(&events), Arc::clone(&interrupts), Arc::clone(&checks));
        let session = Session {
            generations: Generations::new(setup.orders.clone()),
            setup,
            leftovers: Arc::new(Mutex::new(leftovers)),
            events,
            output,
            interrupts,
            checks,
            busy: Arc::new(AtomicUsize::new(1)),
            engine: None,
            notice: None,
            last_end: Instant::now(),
            upcoming: Upcoming::Unknown,
            ended: None,
        };
        let events = BufReader::new(read).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        (session, events)
    }

    #[test]
    fn a_panic_of_evcxr_is_an_error_of_the_cell_and_the_end_of_the_host() {
        let (mut session, mut events) = session();
        session.interrupts.expect();
        let asked = Asked {
            id: 7,
            code: "1",
            audience: Audience::Kernel { allow_stdin: false },
            options: CellOptions::default(),
            waited: Duration::from_millis(3),
        };
        session
            .execute_for_kernel(asked, |session, code| guarded(session, code, |_, code| panic!("cannot parse {code}")));
        assert_eq!(session.ended, Some(EVCXR_PANICKED));
        assert_eq!(events.next(), Some(Event::Phase { id: 7, phase: LivePhase::Compile, crates: None }));
        match events.next() {
            Some(Event::Error { id: 7, error, .. }) => {
                assert_eq!(error.ename, "EvcxrPanic");
                assert!(error.evalue.contains("(cannot parse 1)") && error.evalue.contains("variables are lost"));
            }
            other => panic!("{other:?}"),
        }
        match events.next() {
            Some(Event::Done { id: 7, status: Status::Error, timing }) => {
                assert_eq!((timing.phases[0].name.as_str(), timing.phases[0].ms), ("start", 3.0));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(session.busy.load(Ordering::SeqCst), 0);
    }
}
