//! The cells' stdin, stdout and stderr.
//!
//! On Linux, the symbols `read`, `write` and `writev` of this binary are found before libc's by the libstd that cells link to.
//! `read` turns a read of stdin into a question to the frontend. `write` keeps stdout and stderr in order: they are
//! two pipes, and once a cell changes from one to the other, what is in the first must be read before it goes on.

#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "no library looks for a program's `read` there"))]

use crate::channel;
use ferrobook_protocol::cell::{Answer, Request};
use ferrobook_sys::{pipe, stdio};
use libc::{c_int, c_void, iovec, size_t, ssize_t};
use nix::errno::Errno;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Whether a cell runs in this process: only then is fd 0 the frontend's.
static IN_CELL: AtomicBool = AtomicBool::new(false);
/// The one of stdout and stderr that was written last.
static LAST: AtomicI32 = AtomicI32::new(0);
/// The inodes of our pipes, by fd: a cell may put something else in their place.
static PIPES: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
/// What the user typed and no read has taken yet.
static TYPED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// How long a change from stdout to stderr, or back, waits for the host at most: order is worth less than progress.
const PATIENCE: u32 = 2000;
const NAP: Duration = Duration::from_micros(100);

pub fn enter_cell(inside: bool) {
    IN_CELL.store(inside, Relaxed);
}

pub fn forget_typed() {
    TYPED.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Remembers that fds 1 and 2 are the host's pipes.
pub fn adopt_pipes() {
    for fd in [1, 2] {
        PIPES[fd as usize].store(inode(fd), Relaxed);
    }
}

fn inode(fd: RawFd) -> u64 {
    // SAFETY: fds 1 and 2 may be closed by a cell at any time; fstat then fails, and nothing else is done with them.
    nix::sys::stat::fstat(unsafe { BorrowedFd::borrow_raw(fd) }).map_or(0, |stat| stat.st_ino)
}

fn keep_order(fd: RawFd) {
    let last = LAST.swap(fd, Relaxed);
    if last == fd || last == 0 || inode(last) != PIPES[last as usize].load(Relaxed) {
        return;
    }
    for attempt in 0..PATIENCE {
        if pipe::unread(last).is_none_or(|bytes| bytes == 0) {
            return;
        }
        if attempt < 50 {
            std::thread::yield_now();
        } else {
            std::thread::sleep(NAP);
        }
    }
}

/// # Safety
/// As write(2).
#[cfg_attr(target_os = "linux", unsafe(no_mangle))]
pub unsafe extern "C" fn write(fd: c_int, buffer: *const c_void, count: size_t) -> ssize_t {
    if fd == 1 || fd == 2 {
        keep_order(fd);
    }
    // SAFETY: the caller's promise.
    unsafe { stdio::write(fd, buffer, count) }
}

/// # Safety
/// As writev(2).
#[cfg_attr(target_os = "linux", unsafe(no_mangle))]
pub unsafe extern "C" fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    if fd == 1 || fd == 2 {
        keep_order(fd);
    }
    // SAFETY: the caller's promise.
    unsafe { stdio::writev(fd, parts, count) }
}

/// # Safety
/// As read(2).
#[cfg_attr(target_os = "linux", unsafe(no_mangle))]
pub unsafe extern "C" fn read(fd: c_int, buffer: *mut c_void, count: size_t) -> ssize_t {
    if fd != 0 || !IN_CELL.load(Relaxed) || count == 0 {
        // SAFETY: the caller's promise.
        return unsafe { stdio::read(fd, buffer, count) };
    }
    // SAFETY: the caller's promise: `count` bytes at `buffer` may be written.
    let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), count) };
    match read_typed(buffer) {
        Ok(size) => size as ssize_t,
        Err(errno) => {
            errno.set();
            -1
        }
    }
}

/// An empty answer is the end of the input, so that `read_to_string` comes to an end.
fn read_typed(buffer: &mut [u8]) -> Result<usize, Errno> {
    let mut typed = TYPED.lock().unwrap_or_else(PoisonError::into_inner);
    if typed.is_empty() {
        match channel::ask(Request::Read) {
            Some(Answer::Input(Some(line))) if line.is_empty() => return Ok(0),
            Some(Answer::Input(Some(line))) => {
                typed.extend_from_slice(line.as_bytes());
                typed.push(b'\n');
            }
            _ => return Err(Errno::EOPNOTSUPP),
        }
    }
    let size = typed.len().min(buffer.len());
    buffer[..size].copy_from_slice(&typed[..size]);
    typed.drain(..size);
    Ok(size)
}
