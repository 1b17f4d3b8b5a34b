//! One cell, from its request to its end.

use super::report::{EVCXR_PANICKED, Failure, Report, panic_text, plain};
use super::state::Session;
use crate::cell::Cell;
use crate::cell::commands::Command;
use crate::cell::dep_spelling;
use crate::evcxr::bundles::Bundle;
use crate::evcxr::engine::Engine;
use crate::evcxr::input::Input;
use crate::process::output::{Audience, Output};
use crate::process::shell;
use evcxr::{Error, EvalOutputs};
use ferrobook_protocol::build::{BuildOptions, Dependencies};
use ferrobook_protocol::{Build, CellError, CellOptions, CellTiming, Event, NotebookCell, Phase, Status, StreamName};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A cell to execute.
pub struct Asked {
    pub id: u32,
    pub cell: Arc<Cell>,
    /// Which cell of the notebook it is.
    pub of: NotebookCell,
    pub audience: Audience,
    pub options: CellOptions,
    /// For the host to take it up.
    pub waited: Duration,
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
    pub fn execute_for_kernel(&mut self, asked: Asked, run: impl FnOnce(&mut Self, &Cell) -> Result<(), Failure>) {
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
        let cell = Arc::new(Cell::new(code));
        let of = NotebookCell::default();
        let asked = Asked { id, cell, of, audience, options: CellOptions::default(), waited: Duration::ZERO };
        let Executed { report, shown, .. } = self.execute(asked, Self::attempt);
        self.busy.fetch_sub(1, Ordering::SeqCst);
        match report {
            Some(Report { error, .. }) => Err(error),
            None => Ok(shown),
        }
    }

    fn execute(&mut self, asked: Asked, run: impl FnOnce(&mut Self, &Cell) -> Result<(), Failure>) -> Executed {
        let Asked { id, cell, of, audience, options, waited } = asked;
        let cpu = children_cpu_ms();
        self.interrupts.begin();
        let count = cell.dependencies().count();
        self.setup.orders.change(|order| {
            order.options = BuildOptions { debug: options.debug, fresh: !options.cache };
            order.dependencies = (count > 1).then_some(Dependencies { cell: id, count });
        });
        let is_users = matches!(audience, Audience::Kernel { .. });
        self.output.begin(id, audience, options, Arc::clone(&cell));
        let refused = match cell.ignored {
            Some((position, message)) => Some(Failure::Syntax(position, message)),
            None if options.debug => self.two_layouts(&cell).map(Failure::Own),
            None => None,
        };
        let result = match refused {
            Some(failure) => Err(failure),
            None => {
                self.replacements.begin(&cell, &of);
                self.generations.begin(&cell, &self.replacements.associations());
                let result = run(self, &cell);
                self.generations.end(&cell, result.is_ok());
                self.replacements.end(result.is_ok());
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
            self.program.lock().items.add(&cell, &of);
        }
        self.last_end = Instant::now();
        let has_failed = outcome.exit.is_some() || outcome.panic.is_some() || outcome.user_error.is_some();
        let report = self.judge(result, interrupted, outcome, &cell);
        if is_users && has_failed && self.ended.is_none() {
            self.keep_variables(id, &cell);
        }
        Executed { report, timing, shown }
    }

    /// Values would be read wrongly if their types had another layout in this cell than in others.
    fn two_layouts(&self, cell: &Cell) -> Option<CellError> {
        let program = self.program.lock();
        let item = program.item_with_two_layouts(cell)?;
        let message = format!(
            "`{}` is another one with debug assertions than without, and its values would be read wrongly: take \
             `debug_assertions` out of it, or run the cell without --debug",
            item.name.as_deref().unwrap_or("a type")
        );
        Some(plain("DebugAssertions", &message))
    }

    pub fn attempt(&mut self, cell: &Cell) -> Result<(), Failure> {
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
        guarded(self, cell, Self::run_cell)
    }

    fn run_cell(&mut self, cell: &Cell) -> Result<(), Failure> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let path = &self.setup.path;
        let mut done = Vec::new();
        let mut dependencies = Vec::new();
        for (line, command) in &cell.commands {
            match command {
                Command::Shell(command) => {
                    shell::run(command, path, &self.output, &self.interrupts).map_err(Failure::Own)?;
                }
                Command::Evcxr { name, .. } if let Some(reason) = without_effect(name) => {
                    self.output.print(StreamName::Stdout, &format!("`{name}` does nothing here: {reason}.\n"));
                }
                Command::Evcxr { name, arguments } if Engine::wants(name) => {
                    let outputs = engine.command(*line, name, arguments).map_err(Failure::Evcxr)?;
                    if name == ":clear" {
                        self.replacements.clear();
                        self.program.lock().clear();
                    }
                    show(&self.output, outputs);
                }
                Command::Evcxr { name, arguments } if name == ":dep" => {
                    dependencies.push((*line, self.setup.dependency(&dep_spelling::for_cargo(arguments))));
                    continue;
                }
                Command::Evcxr { .. } => continue,
            }
            done.push(*line);
        }
        let mut head = cell.head_without(|line| done.contains(&line));
        for (line, dependency) in dependencies {
            head = replace_line(&head, line, format!(":dep {dependency}").trim_end());
        }
        let input = Input::new(cell, head);
        if input.text().trim().is_empty() {
            return Ok(());
        }
        self.program.lock().variables.begin(engine.variables());
        let mut outputs = engine.execute(&input);
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
                outputs = engine.execute(&input);
            }
        }
        show(&self.output, outputs.map_err(Failure::Evcxr)?);
        Ok(())
    }
}

/// evcxr can panic. It is in an unknown state then, and the host ends.
fn guarded(
    session: &mut Session,
    cell: &Cell,
    run: impl FnOnce(&mut Session, &Cell) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ran = catch_unwind(AssertUnwindSafe(|| run(session, cell)));
    ran.unwrap_or_else(|panic| Err(Failure::EvcxrPanicked(panic_text(&*panic))))
}

/// Why one of evcxr's commands has nothing to do.
fn without_effect(command: &str) -> Option<&'static str> {
    match command {
        ":quit" => Some("use the frontend to restart or shut down the kernel"),
        ":allow_static_linking" => Some("the crates of a notebook are shared libraries already"),
        _ => None,
    }
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
    use crate::build::setup::Setup;
    use crate::process::cell_link::CellLink;
    use crate::program::SharedProgram;
    use crate::program::generations::Generations;
    use crate::program::replacements::Replacements;
    use crate::session::checks::Checks;
    use crate::session::events::Events;
    use crate::session::interrupts::Interrupts;
    use crate::session::warm_up::WarmUp;
    use ferrobook_protocol::LivePhase;
    use std::io::{BufRead, BufReader};
    use std::sync::Mutex;
    use std::sync::atomic::AtomicUsize;

    /// A session without an engine, and what it sends.
    fn session() -> (Session, impl Iterator<Item = Event>) {
        let (read, write) = std::io::pipe().unwrap();
        let events = Arc::new(Events::to(std::os::fd::OwnedFd::from(write).into()));
        let (setup, cargo, leftovers) = Setup::new().unwrap();
        let interrupts = Arc::new(Interrupts::default());
        let checks = Arc::new(Checks::default());
        let link = CellLink::open().unwrap();
        let program = SharedProgram::default();
        let (shown, to) = (program.clone(), Arc::clone(&events));
        let output = Output::new(shown, link, cargo, to, Arc::clone(&interrupts), Arc::clone(&checks));
        let session = Session {
            generations: Generations::new(setup.orders.clone()),
            replacements: Replacements::new(setup.orders.clone()),
            setup,
            leftovers: Arc::new(Mutex::new(leftovers)),
            events,
            program,
            output,
            interrupts,
            checks,
            busy: Arc::new(AtomicUsize::new(1)),
            engine: None,
            notice: None,
            last_end: Instant::now(),
            warm_up: WarmUp::default(),
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
            cell: Arc::new(Cell::new("1")),
            of: NotebookCell::default(),
            audience: Audience::Kernel { allow_stdin: false },
            options: CellOptions::default(),
            waited: Duration::from_millis(3),
        };
        session.execute_for_kernel(asked, |session, cell| {
            guarded(session, cell, |_, cell| panic!("cannot parse {}", cell.source))
        });
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
