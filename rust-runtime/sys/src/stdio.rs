//! Standard streams below the names that programs call them by: a program that exports `read` and `write` of its own has to
//! get past them.

use crate::system;
use libc::{c_int, c_void, iovec, size_t, ssize_t};

/// # Safety
/// As write(2).
pub unsafe fn write(fd: c_int, buffer: *const c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { system::write(fd, buffer, count) }
}

/// # Safety
/// As writev(2).
pub unsafe fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { system::writev(fd, parts, count) }
}

/// # Safety
/// As read(2).
pub unsafe fn read(fd: c_int, buffer: *mut c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { system::read(fd, buffer, count) }
}

/// C's stdout would hold back everything for as long as it can: a pipe is no terminal.
///
/// # Safety
/// Nothing has been written to it yet, which is when setvbuf(3) may be called.
pub unsafe fn buffer_c_stdout_by_line() {
    // SAFETY: the caller's promise.
    unsafe { libc::setvbuf(system::c_stdout(), std::ptr::null_mut(), libc::_IOLBF, 64 * 1024) };
}
