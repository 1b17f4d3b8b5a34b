//! `ferrobook-runtime`: runs Rust cells through evcxr for the kernel, which speaks `ferrobook_protocol` on stdin and
//! stdout; with `--report` it only says what it would work with. Requests are read on the main thread; one thread owns evcxr,
//! one reads what cells print.

mod backtrace;
mod build_orders;
mod bundles;
mod cache;
mod cargo_config;
mod cargo_report;
mod cell_link;
mod checks;
mod completeness;
mod completion;
mod deaths;
mod dep_completion;
mod dependencies;
mod diagnostics;
mod engine;
mod environment;
mod events;
mod generations;
mod interrupts;
mod known_types;
mod literals;
mod markers;
mod marks;
mod output;
mod panics;
mod places;
mod prelude;
mod report;
mod session;
mod setup;
mod shell;
mod snapshots;
mod source_map;
mod statements;
mod std_sources;
mod store_settings;
mod target_cpu;
mod thread_locals;
mod toolchain;
mod users_environment;
mod utf8_stream;

use cell_link::CellLink;
use checks::Checks;
use events::Events;
use ferrobook_protocol::build::StoreSettings;
use ferrobook_protocol::{CompletenessStatus, Event, Request};
use ferrobook_sys::lifetime;
use generations::Generations;
use interrupts::Interrupts;
use nix::sys::signal::Signal;
use output::Output;
use session::{Job, Session};
use setup::Setup;
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing_subscriber::EnvFilter;

/// rust-analyzer's parser and evcxr's recursion go deep on long cells.
const SESSION_STACK: usize = 64 << 20;

fn main() -> ExitCode {
    // evcxr's `:cache` starts this program as a rustc wrapper (through ferrobook-cell).
    evcxr::runtime_hook();
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "--report") {
        println!("{}", report::report(&std::env::var_os("PATH").unwrap_or_default()));
        return ExitCode::SUCCESS;
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(log_filter(&std::env::var("FERROBOOK_LOG").unwrap_or_default()))
        .init();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What goes into the log when the kernel's level is `asked`: of our own all that is asked for, of the rest only warnings.
/// At `debug` and below, rust-analyzer writes hundreds of megabytes a minute.
fn log_filter(asked: &str) -> EnvFilter {
    let own = match asked.to_lowercase().as_str() {
        level @ ("trace" | "debug" | "info" | "error") => level.to_owned(),
        "silent" => "off".to_owned(),
        _ => "warn".to_owned(),
    };
    EnvFilter::new(format!("warn,salsa=off,ra_ap_project_model=error,{}={own}", env!("CARGO_CRATE_NAME")))
}

fn serve() -> std::io::Result<()> {
    lifetime::end_with_parent(Signal::SIGKILL)?;
    let events = Arc::new(Events::take_stdout()?);
    let (setup, cargo, leftovers) = Setup::new()?;
    let leftovers = Arc::new(Mutex::new(leftovers));
    let interrupts = Arc::new(Interrupts::default());
    let checks = Arc::new(Checks::default());
    let link = CellLink::open()?;
    let output = Output::new(link, cargo, Arc::clone(&events), Arc::clone(&interrupts), Arc::clone(&checks));
    let busy = Arc::new(AtomicUsize::new(0));
    let (jobs, waiting) = mpsc::channel();
    let store = setup.store.clone();
    let mut session = Session {
        generations: Generations::new(setup.orders.clone()),
        setup,
        leftovers: Arc::clone(&leftovers),
        events: Arc::clone(&events),
        output: Arc::clone(&output),
        interrupts: Arc::clone(&interrupts),
        checks: Arc::clone(&checks),
        busy: Arc::clone(&busy),
        engine: None,
        notice: None,
        last_end: Instant::now(),
        upcoming: session::Upcoming::Unknown,
    };
    let reader = Arc::clone(&output);
    std::thread::Builder::new().name("output".to_owned()).spawn(move || reader.read_forever())?;
    let worker = std::thread::Builder::new().name("session".to_owned()).stack_size(SESSION_STACK);
    // Processes that this thread starts die with it; it lives as long as this one.
    worker.spawn(move || session.run(&waiting))?;
    read_requests(&Front { events, output, interrupts: Arc::clone(&interrupts), checks, busy, jobs, store });
    // Whatever the session is at: nothing of it is waited for.
    interrupts.end_all();
    leftovers.lock().unwrap_or_else(PoisonError::into_inner).remove();
    std::process::exit(0)
}

/// Answers at once what needs no evcxr, and passes the rest on.
struct Front {
    events: Arc<Events>,
    output: Arc<Output>,
    interrupts: Arc<Interrupts>,
    checks: Arc<Checks>,
    busy: Arc<AtomicUsize>,
    jobs: Sender<Job>,
    store: Option<StoreSettings>,
}

/// Returns when the kernel has asked for the end, or is gone.
fn read_requests(front: &Front) {
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        match serde_json::from_str(&line) {
            Ok(Request::Shutdown) => return,
            Ok(request) => front.take(request),
            Err(error) => tracing::error!("not a request: {error}"),
        }
    }
}

impl Front {
    fn take(&self, request: Request) {
        let idle = self.busy.load(Ordering::SeqCst) == 0;
        match request {
            Request::Execute { id, code, allow_stdin, options } => {
                self.busy.fetch_add(1, Ordering::SeqCst);
                self.interrupts.expect();
                self.pass(Job::Execute { id, code, allow_stdin, options, arrived: Instant::now() });
            }
            Request::Complete { id, code, cursor } if idle => self.pass(Job::Complete { id, code, cursor }),
            Request::Complete { id, cursor, .. } => {
                self.events.send(&Event::Completions { id, matches: Vec::new(), start: cursor, end: cursor });
            }
            Request::Inspect { id, code, cursor } if idle => self.pass(Job::Inspect { id, code, cursor }),
            Request::Inspect { id, .. } => self.events.send(&Event::Inspection { id, data: Default::default() }),
            Request::Check { id, code } if idle => {
                self.checks.want();
                self.pass(Job::Check { id, code });
            }
            Request::Check { id, .. } => self.events.send(&Event::Checked { id, diagnostics: None }),
            Request::CancelChecks => self.checks.cancel(),
            // What waits is no reason to end a check; a cell that is asked for is.
            Request::Expect { codes, idle } => self.queue(Job::Expect { codes, idle }),
            Request::IsComplete { id, code } => {
                let found = std::panic::catch_unwind(|| completeness::of(&code));
                let (status, indent) = match found {
                    Ok(found) => (found.status, found.indent),
                    Err(_) => (CompletenessStatus::Complete, String::new()),
                };
                self.events.send(&Event::Completeness { id, status, indent });
            }
            Request::Variables { id } if idle => self.pass(Job::Variables { id }),
            Request::Variables { id } => self.events.send(&Event::Variables { id, variables: None }),
            Request::Cache { id, clear } => {
                self.events.send(&Event::Cache { id, usage: cache::usage(self.store.as_ref(), clear) });
            }
            Request::Input { id, value } => self.output.input(id, value),
            Request::Interrupt => self.interrupts.interrupt(),
            Request::Shutdown => {}
        }
    }

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
