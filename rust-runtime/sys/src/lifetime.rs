//! Processes that must not outlive others.

use crate::system;
use nix::sys::signal::Signal;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// This process gets the signal when its parent has ended, or the thread of it that has started this process. It is not
/// sent when that was before the call.
pub fn end_with_parent(signal: Signal) -> nix::Result<()> {
    system::end_with_parent(signal)
}

/// The process that `command` starts is killed when the thread ends that starts it, however that comes about.
pub fn end_with_this_process(command: &mut Command) {
    // SAFETY: between fork and exec only prctl(2) is called.
    unsafe { command.pre_exec(|| Ok(system::be_killed_with_parent()?)) };
}

/// Processes whose parents have ended become children of this one.
pub fn adopt_orphans() -> nix::Result<()> {
    system::adopt_orphans()
}
