//! evcxr's side of the cell process: `LOAD_AND_RUN <library> <function>` lines on stdin, a line
//! `EVCXR_EXECUTION_COMPLETE` on stdout when the function has returned.

use crate::cells_output::CellsOutput;
use crate::channel;
use crate::crash_report;
use crate::flusher::Flusher;
use crate::keeper::{self, Holders};
use crate::library::Library;
use crate::memory;
use crate::panic_report::{self, Facts};
use crate::pools::Pools;
use crate::snapshot::{self, Copy};
use crate::stdio;
use crate::threads;
use crate::variable_store;
use ferrobook_protocol::cell::{Answer, Endpoints, Request};
use ferrobook_sys::memory::give_back;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl, open};
use nix::sys::stat::Mode;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{Pid, close, dup2_stderr, dup2_stdin, dup2_stdout};
use std::convert::Infallible;
use std::ffi::c_void;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// The variable in which evcxr keeps the runtime of cells with `.await`. The next one makes it anew.
const EVCXRS_RUNTIME: &str = "evcxr_tokio_runtime";

type CellFunction = extern "C" fn(*mut c_void) -> *mut c_void;

/// evcxr takes a line that is not UTF-8 for an I/O error: it forgets what the cell would have defined and keeps the
/// state from before, without starting a new process. It has no other way to say so.
const FAILED: &[u8] = b"\xff\n";
const COMPLETE: &[u8] = b"EVCXR_EXECUTION_COMPLETE\n";

struct Worker {
    commands: File,
    replies: File,
    pending: Vec<u8>,
    variables: *mut c_void,
    output: CellsOutput,
    flusher: Flusher,
    holders: Holders,
    stale: Vec<Pid>,
    pools: Pools,
    /// Whether threads of cells were lost in a process that this one stands in for.
    has_lost_threads: bool,
}

pub fn main() -> Result<Infallible, Box<dyn std::error::Error>> {
    let endpoints = std::env::var("FERROBOOK_CELL").map_err(|_| "started without FERROBOOK_CELL")?;
    let endpoints: Endpoints = serde_json::from_str(&endpoints)?;
    channel::open(endpoints.control);
    nix::unistd::setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    clean_environment(&endpoints);
    let (commands, replies) = move_descriptors(&endpoints)?;
    let holders = keeper::keep(endpoints.host)?;
    memory::be_first_to_go();
    stdio::adopt_pipes();
    crash_report::install();
    let mut worker = Worker {
        commands,
        replies,
        pending: Vec::new(),
        variables: std::ptr::null_mut(),
        output: CellsOutput::default(),
        flusher: Flusher::default(),
        holders,
        stale: Vec::new(),
        pools: Pools::default(),
        has_lost_threads: false,
    };
    if let Ok(support) = Library::load(&endpoints.support) {
        worker.adopt_support(&support);
    }
    while let Some(line) = worker.next_command()? {
        worker.obey(&line)?;
    }
    // SAFETY: ends the process without running what a cell has registered with atexit.
    unsafe { libc::_exit(0) }
}

/// Cells see the environment that the user started Jupyter with.
fn clean_environment(endpoints: &Endpoints) {
    let ours = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERROBOOK_"));
    for (name, _) in ours.collect::<Vec<_>>() {
        // SAFETY: this process has one thread yet.
        unsafe { std::env::remove_var(name) };
    }
    // SAFETY: as above.
    unsafe {
        std::env::remove_var("EVCXR_IS_RUNTIME");
        std::env::set_var("PATH", &endpoints.path);
    }
}

/// Moves evcxr's pipes out of the way of the cells', and puts the host's in their place.
fn move_descriptors(endpoints: &Endpoints) -> nix::Result<(File, File)> {
    let high = |fd: i32| -> nix::Result<File> {
        // SAFETY: fds 0 and 1 are open: evcxr gave them.
        let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
        let moved = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(200))?;
        // SAFETY: fcntl returned a new descriptor, owned by no one else.
        Ok(unsafe { File::from_raw_fd(moved) })
    };
    let (commands, replies) = (high(0)?, high(1)?);
    // SAFETY: the host passed these descriptors to this process; no one else in it owns them.
    let (control, out, err) = unsafe {
        (
            OwnedFd::from_raw_fd(endpoints.control),
            OwnedFd::from_raw_fd(endpoints.stdout),
            OwnedFd::from_raw_fd(endpoints.stderr),
        )
    };
    dup2_stdin(open("/dev/null", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?)?;
    dup2_stdout(&out)?;
    // evcxr's own stderr pipe closes with this; it then has nothing to wait for.
    dup2_stderr(&err)?;
    close(out)?;
    close(err)?;
    fcntl(&control, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    let _ = control.into_raw_fd();
    // SAFETY: nothing has been written to it yet.
    unsafe { ferrobook_sys::stdio::buffer_c_stdout_by_line() };
    Ok((commands, replies))
}

impl Worker {
    fn next_command(&mut self) -> std::io::Result<Option<String>> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..end]).into_owned()));
            }
            let mut chunk = [0; 4096];
            let size = self.commands.read(&mut chunk)?;
            if size == 0 {
                return Ok(None);
            }
            self.pending.extend_from_slice(&chunk[..size]);
        }
    }

    fn obey(&mut self, line: &str) -> std::io::Result<()> {
        let Some((library, function)) = line.strip_prefix("LOAD_AND_RUN ").and_then(|words| words.rsplit_once(' '))
        else {
            eprintln!("ferrobook-cell: unknown command {line:?}");
            return self.replies.write_all(FAILED);
        };
        let snapshot = self.run(library, function);
        if let Some(stale) = snapshot {
            self.stale.push(stale);
        }
        snapshot::reap(&mut self.stale);
        Ok(())
    }

    fn run(&mut self, path: &str, function: &str) -> Option<Pid> {
        let (library, function) = match load(path, function) {
            Ok(loaded) => loaded,
            Err(error) => {
                eprintln!("ferrobook-cell: cannot load the compiled cell: {error}");
                let _ = self.replies.write_all(FAILED);
                return None;
            }
        };
        self.pools.find();
        self.adopt_support(&library);
        stdio::forget_typed();
        let limit = match channel::ask(Request::Loaded) {
            Some(Answer::SnapshotLimit(limit)) => limit,
            _ => host_is_gone(),
        };
        let (snapshot, report) = match snapshot::take(&self.holders, &self.flusher, &self.output, limit) {
            Copy::Original(snapshot, report) => (snapshot, report),
            Copy::Successor { dead, lost_threads } => {
                self.stand_in(dead, lost_threads);
                return None;
            }
        };
        if channel::ask(Request::Started { library: path.to_owned(), snapshot: report }).is_none() {
            host_is_gone();
        }
        if let Some(flush) = self.output.flush_function() {
            self.flusher.begin(flush);
        }
        enter_cell(true);
        let faults = memory::page_faults();
        let (clock, cpu) = (Instant::now(), cpu_time());
        self.variables = function(self.variables);
        let (run, cpu) = (clock.elapsed(), cpu_time().saturating_sub(cpu));
        enter_cell(false);
        self.flusher.end();
        self.output.flush();
        let stale = snapshot.map(|snapshot| snapshot.release(&self.holders));
        let answer = channel::ask(Request::Finished { run_ms: milliseconds(run), cpu_ms: milliseconds(cpu) });
        self.answer(answer, COMPLETE);
        if stale.is_some() && memory::page_faults().saturating_sub(faults) > memory::MANY_PAGES {
            // Otherwise the next snapshot would share it, and a cell that uses it again would have it copied, page by page:
            // new pages come sooner.
            give_back();
        }
        stale
    }

    /// Goes on in the place of the process `dead`, with the state from before its cell.
    fn stand_in(&mut self, dead: Pid, lost_threads: Vec<String>) {
        self.flusher.forget();
        self.stale.clear();
        enter_cell(false);
        self.has_lost_threads |= !lost_threads.is_empty();
        if self.has_lost_threads {
            self.pools.renew();
            // SAFETY: this is the store that cells were given.
            unsafe { variable_store::forget(self.variables, EVCXRS_RUNTIME) };
            threads::watch();
        }
        let answer = channel::ask(Request::TookOver { dead: dead.as_raw(), lost_threads });
        self.answer(answer, FAILED);
    }

    /// Prints what evcxr has to see, and the line that tells it that the cell is over, in one write.
    fn answer(&mut self, answer: Option<Answer>, last: &[u8]) {
        let mut text = Vec::new();
        if let Some(Answer::Print(lines)) = answer {
            for line in lines {
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
        }
        text.extend_from_slice(last);
        let _ = self.replies.write_all(&text);
    }

    /// Support functions are part of one library that the host has compiled; later cells find them through it.
    fn adopt_support(&mut self, library: &Library) {
        self.output.adopt(library);
        if let Some(install) = library.symbol("ferrobook_report_panics") {
            type Install = extern "C" fn(unsafe extern "C" fn(*const Facts));
            // SAFETY: the prelude defines `ferrobook_report_panics` with this signature.
            let install = unsafe { std::mem::transmute::<*mut c_void, Install>(install.as_ptr()) };
            if let Some(flush) = self.output.flush_function() {
                panic_report::flush_with(flush);
            }
            install(panic_report::report);
        }
    }
}

fn enter_cell(inside: bool) {
    stdio::enter_cell(inside);
    threads::enter_cell(inside);
}

/// Nobody wants this cell.
fn host_is_gone() -> ! {
    // SAFETY: ends the process without running what a cell has registered with atexit.
    unsafe { libc::_exit(1) }
}

fn load(path: &str, function: &str) -> Result<(Library, CellFunction), String> {
    let library = Library::load(path).map_err(|error| error.to_string())?;
    // The cargo shim takes the number out of the name.
    let unnumbered = function.trim_end_matches(|char: char| char.is_ascii_digit());
    let symbol = library.symbol(unnumbered).or_else(|| library.symbol(function));
    let symbol = symbol.ok_or_else(|| format!("{function} is not in {path}"))?;
    // SAFETY: evcxr generates the function with this signature.
    let function = unsafe { std::mem::transmute::<*mut c_void, CellFunction>(symbol.as_ptr()) };
    Ok((library, function))
}

fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
