//! The end of a cell's process, in words: why, at which line of the cell, and what is left.

use crate::process::backtrace;
use crate::process::locations;
use crate::program::Program;
use ferrobook_protocol::CellError;
use ferrobook_protocol::cell::Crash;
use nix::sys::signal::Signal;
use std::collections::BTreeMap;

/// What is known of it.
#[derive(Clone, Debug)]
pub struct ExitReport {
    /// As wait(2) gives it.
    pub status: i32,
    /// Whether the state from before the cell is back.
    pub restored: bool,
    /// The names of threads of earlier cells that the state from before the cell is without.
    pub lost_threads: Vec<String>,
    /// Whether it ended because nothing in it could go on.
    pub stuck: bool,
    /// What the process itself could tell.
    pub crash: Option<Crash>,
}

impl ExitReport {
    pub fn error(&self, interrupted: bool, program: &Program) -> CellError {
        let left = self.what_is_left();
        if interrupted {
            return told("Interrupted", &format!("the cell was interrupted; {left}"), Vec::new());
        }
        if self.stuck {
            let text = format!(
                "the cell waited for a thread that ended with the process of a cell before it, and would have waited for \
                 ever; make thread pools and runtimes anew; {left}"
            );
            return told("LostThreads", &text, Vec::new());
        }
        if !libc::WIFSIGNALED(self.status) {
            let code = libc::WEXITSTATUS(self.status);
            return told(
                "ProcessExit",
                &format!("the cell ended its process with exit code {code}; {left}"),
                Vec::new(),
            );
        }
        let number = libc::WTERMSIG(self.status);
        let name = signal_name(number);
        let crash = self.crash.as_ref().filter(|crash| crash.signal == number);
        let calls = crash.map(|crash| backtrace::resolve(&crash.frames)).unwrap_or_default();
        let location = locations::first_in_cells(&calls, program);
        let at = location.as_ref().map(|location| format!(" at {}", location.name)).unwrap_or_default();
        let text = format!("the cell's process was ended by {name}{}{at}; {left}", meaning(&name, crash));
        let excerpt = location.as_ref().and_then(locations::Located::excerpt);
        told(&name, &text, excerpt.into_iter().chain(locations::trace(&calls, program)).collect())
    }

    fn what_is_left(&self) -> String {
        if !self.restored {
            return "the Rust variables are lost, functions and types are kept".to_owned();
        }
        let kept = "the variables have their values from before the cell";
        match self.lost_threads.len() {
            0 => kept.to_owned(),
            1 => format!("{kept}; a thread that an earlier cell had started is gone ({})", counted(&self.lost_threads)),
            many => {
                format!(
                    "{kept}; {many} threads that earlier cells had started are gone ({})",
                    counted(&self.lost_threads)
                )
            }
        }
    }
}

/// `it was ended by SIGSEGV`
pub fn manner(status: i32) -> String {
    if libc::WIFSIGNALED(status) {
        format!("it was ended by {}", signal_name(libc::WTERMSIG(status)))
    } else {
        format!("it ended with exit code {}", libc::WEXITSTATUS(status))
    }
}

fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(|_| format!("signal {number}"), |signal| signal.to_string())
}

/// `tokio-rt-worker × 2, logger`
fn counted(names: &[String]) -> String {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *times.entry(name).or_default() += 1;
    }
    let shown = times.into_iter().map(|(name, times)| match times {
        1 => name.to_owned(),
        _ => format!("{name} × {times}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn meaning(signal: &str, crash: Option<&Crash>) -> String {
    let text = match (signal, crash) {
        (_, Some(Crash { stack_overflow: true, .. })) => {
            "a stack overflow: a recursion without end, or large local values"
        }
        ("SIGSEGV", Some(Crash { address: Some(address), .. })) => {
            return format!(" (an invalid access to memory, at address {address:#x})");
        }
        ("SIGSEGV", _) => "an invalid access to memory, or a stack overflow",
        ("SIGABRT", _) => "an abort: a panic that cannot unwind, no memory left, or a failed assertion in C code",
        ("SIGBUS", _) => "an access to memory that is not there",
        ("SIGILL", _) => "an invalid instruction",
        ("SIGFPE", _) => "an arithmetic error",
        ("SIGKILL", _) => "perhaps the system ran out of memory",
        _ => return String::new(),
    };
    format!(" ({text})")
}

fn told(name: &str, text: &str, details: Vec<String>) -> CellError {
    let mut traceback = vec![format!("\x1b[1;31m{name}\x1b[0m: {text}")];
    traceback.extend(details);
    CellError { ename: name.to_owned(), evalue: text.to_owned(), traceback }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted_by_name() {
        let names = ["tokio-rt-worker", "logger", "tokio-rt-worker"].map(str::to_owned);
        assert_eq!(counted(&names), "logger, tokio-rt-worker × 2");
    }
}
