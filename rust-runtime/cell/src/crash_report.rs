//! Tells the host where a cell's code has crashed, before the signal ends the process.
//!
//! A handler may do very little (signal-safety(7)), and what led to the signal may have left any lock behind. This
//! process ends in any case, so the handler tries, and an alarm ends it when the attempt hangs.

use crate::{backtrace, channel};
use ferrobook_protocol::cell::{Crash, Message};
use ferrobook_sys::signal::stack_pointer;
use libc::{c_int, c_void, siginfo_t};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::{alarm, getpid};
use std::sync::atomic::{AtomicI32, Ordering};

const CRASHES: [Signal; 5] = [Signal::SIGSEGV, Signal::SIGBUS, Signal::SIGILL, Signal::SIGFPE, Signal::SIGABRT];

/// How long the report may take, in seconds.
const PATIENCE: u32 = 2;
/// Enough for the unwinder and a message; Rust's own alternative stack is not.
const HANDLER_STACK: usize = 256 << 10;
/// An access this near to the stack pointer is one to the stack itself.
const NEAR: u64 = 64 << 10;

/// The signal that is being reported.
static CRASHED: AtomicI32 = AtomicI32::new(0);

/// Must be called by the thread that runs cells: it gets a stack for the handler, to report that its own is used up.
pub fn install() {
    let stack = libc::stack_t {
        ss_sp: Box::leak(vec![0_u8; HANDLER_STACK].into_boxed_slice()).as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: HANDLER_STACK,
    };
    // SAFETY: the stack is never freed, and no handler runs on the one that it replaces.
    unsafe { libc::sigaltstack(&raw const stack, std::ptr::null_mut()) };
    let report = SigAction::new(SigHandler::SigAction(report), SaFlags::SA_ONSTACK, SigSet::empty());
    for signal in CRASHES {
        // SAFETY: the handler ends the process.
        let _ = unsafe { sigaction(signal, &report) };
    }
}

extern "C" fn report(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // A crash on the way ends the process at once.
    for signal in CRASHES {
        reset(signal);
    }
    CRASHED.store(signal, Ordering::SeqCst);
    let give_up = SigAction::new(SigHandler::Handler(give_up), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler calls only kill(2).
    let _ = unsafe { sigaction(Signal::SIGALRM, &give_up) };
    alarm::set(PATIENCE);
    // SAFETY: with SA_SIGINFO both pointers are valid; these signals, when the processor raises them, have an address.
    let (address, by_processor, stack) =
        unsafe { ((*info).si_addr() as u64, (*info).si_code > 0, stack_pointer(context)) };
    let accesses = by_processor && (signal == libc::SIGSEGV || signal == libc::SIGBUS);
    let crash = Crash {
        signal,
        address: accesses.then_some(address),
        stack_overflow: accesses && stack.is_some_and(|stack| stack.abs_diff(address) < NEAR),
        frames: backtrace::here(),
    };
    channel::tell(&Message::Crashed { pid: getpid().as_raw(), crash });
    end();
}

extern "C" fn give_up(_: c_int) {
    end();
}

/// The signal is blocked in its handler: it ends the process when that returns, or at once in another one.
fn end() {
    if let Ok(signal) = Signal::try_from(CRASHED.load(Ordering::SeqCst)) {
        let mut blocked = SigSet::empty();
        blocked.add(signal);
        let _ = kill(getpid(), signal);
        let _ = blocked.thread_unblock();
    }
}

fn reset(signal: Signal) {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: the default action runs no code of ours.
    let _ = unsafe { sigaction(signal, &default) };
}
