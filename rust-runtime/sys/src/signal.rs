//! What a handler of signals is told.

use crate::system;
use libc::{c_void, ucontext_t};

/// The stack pointer of the code that was interrupted, where it is known.
///
/// # Safety
/// `context` is what the system has passed to a signal handler.
pub unsafe fn stack_pointer(context: *const c_void) -> Option<u64> {
    // SAFETY: the caller's promise.
    unsafe { system::stack_pointer(context.cast::<ucontext_t>()) }
}
