//! Processes that must not outlive the one that waits for them.

use nix::sys::signal::Signal;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The process that `command` starts is killed when the thread ends that starts it, however that comes about.
pub fn end_with_this_process(command: &mut Command) {
    // SAFETY: between fork and exec only prctl(2) is called.
    unsafe { command.pre_exec(|| Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)) };
}
