//! `ferrobook-runtime`: runs Rust cells through evcxr for the kernel, which speaks `ferrobook_protocol` on stdin and
//! stdout; with `--report` it only says what it would work with. Requests are read on the main thread; one thread owns evcxr,
//! one reads what cells print.

mod build;
mod cell;
mod diagnostics;
mod evcxr;
mod process;
mod program;
mod questions;
mod report;
mod session;

use crate::build::setup::Setup;
use crate::process::cell_link::CellLink;
use crate::process::output::Output;
use crate::program::SharedProgram;
use crate::program::generations::Generations;
use crate::program::replacements::Replacements;
use crate::session::checks::Checks;
use crate::session::events::Events;
use crate::session::front::Front;
use crate::session::interrupts::Interrupts;
use crate::session::state::Session;
use ferrobook_sys::lifetime;
use nix::sys::signal::Signal;
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing_subscriber::EnvFilter;

/// rust-analyzer's parser and evcxr's recursion go deep on long cells.
const SESSION_STACK: usize = 64 << 20;

fn main() -> ExitCode {
    // evcxr's `:cache` starts this program as a rustc wrapper (through ferrobook-cell).
    ::evcxr::runtime_hook();
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
    let program = SharedProgram::default();
    let output =
        Output::new(program.clone(), link, cargo, Arc::clone(&events), Arc::clone(&interrupts), Arc::clone(&checks));
    let busy = Arc::new(AtomicUsize::new(0));
    let (jobs, waiting) = mpsc::channel();
    let store = setup.store.clone();
    let mut session = Session {
        generations: Generations::new(setup.orders.clone()),
        replacements: Replacements::new(setup.orders.clone()),
        setup,
        leftovers: Arc::clone(&leftovers),
        events: Arc::clone(&events),
        program,
        output: Arc::clone(&output),
        interrupts: Arc::clone(&interrupts),
        checks: Arc::clone(&checks),
        busy: Arc::clone(&busy),
        engine: None,
        notice: None,
        last_end: Instant::now(),
        warm_up: Default::default(),
        ended: None,
    };
    let reader = Arc::clone(&output);
    std::thread::Builder::new().name("output".to_owned()).spawn(move || reader.read_forever())?;
    let worker = std::thread::Builder::new().name("session".to_owned()).stack_size(SESSION_STACK);
    // Processes that this thread starts die with it; it lives as long as this one.
    worker.spawn(move || session.run(&waiting))?;
    Front { events, output, interrupts: Arc::clone(&interrupts), checks, busy, jobs, store }.read_requests();
    // Whatever the session is at: nothing of it is waited for.
    interrupts.end_all();
    leftovers.lock().unwrap_or_else(PoisonError::into_inner).remove();
    std::process::exit(0)
}
