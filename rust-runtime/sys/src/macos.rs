//! macOS, as far as it has what Ferrobook needs. Nobody has run it there yet.
//!
//! What it lacks: a signal when a parent ends (it is asked for in a thread), a process that adopts orphans, points for what
//! is ended when memory runs out, `read` and `write` that libraries find in a program before the system's, and a list of
//! what threads wait for. So processes that cells have started may outlive them, cells do not read from the frontend, and
//! a cell that waits for a lost thread goes on until it is interrupted.

use crate::libraries::LoadedLibrary;
use libc::{c_int, c_void, iovec, size_t, ssize_t, ucontext_t};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use nix::unistd::{getpid, getppid};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

/// How soon a process notices that its parent has ended.
const INTERVAL: Duration = Duration::from_millis(200);

pub fn end_with_parent(signal: Signal) -> nix::Result<()> {
    let parent = getppid();
    let watch = move || {
        while getppid() == parent {
            std::thread::sleep(INTERVAL);
        }
        let _ = kill(getpid(), signal);
    };
    let watcher = std::thread::Builder::new().name("watcher".to_owned()).spawn(watch);
    watcher.map(drop).map_err(|_| nix::errno::Errno::EAGAIN)
}

/// Nothing outlives exec(2) that could watch.
pub fn be_killed_with_parent() -> nix::Result<()> {
    Ok(())
}

pub fn adopt_orphans() -> nix::Result<()> {
    Ok(())
}

pub fn resident_bytes() -> Option<u64> {
    // SAFETY: an all-zero struct is valid, and the call fills it, or says that it has not.
    let (task, size) = unsafe {
        let mut task: libc::proc_taskinfo = std::mem::zeroed();
        let size = libc::c_int::try_from(size_of::<libc::proc_taskinfo>()).ok()?;
        let pid = getpid().as_raw();
        let filled = libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, (&raw mut task).cast(), size);
        (task, filled == size)
    };
    size.then_some(task.pti_resident_size)
}

/// The system compresses and swaps before there is none left.
pub fn available_bytes() -> Option<u64> {
    None
}

pub fn offer_to_be_ended(_points: u16) {}

/// There is no `SOCK_SEQPACKET`; a socket for datagrams keeps the borders, too.
pub fn message_pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (one, other) = socketpair(AddressFamily::Unix, SockType::Datagram, None, SockFlag::empty())?;
    for socket in [&one, &other] {
        close_on_exec(socket)?;
        let yes: c_int = 1;
        // SAFETY: the option is an int.
        let set = unsafe {
            let size = size_of::<c_int>() as libc::socklen_t;
            libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, (&raw const yes).cast(), size)
        };
        nix::errno::Errno::result(set)?;
    }
    Ok((one, other))
}

pub fn send_message(socket: RawFd, message: &[u8]) -> nix::Result<usize> {
    send(socket, message, MsgFlags::empty())
}

/// Waits for a message, and then asks how long it is: recv(2) does not tell of what it has cut.
pub fn size_of_message(socket: RawFd, wait: bool) -> nix::Result<usize> {
    recv(socket, &mut [0], waiting(wait) | MsgFlags::MSG_PEEK)?;
    let mut size: c_int = 0;
    let mut length = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: the option is an int.
    let asked =
        unsafe { libc::getsockopt(socket, libc::SOL_SOCKET, libc::SO_NREAD, (&raw mut size).cast(), &raw mut length) };
    nix::errno::Errno::result(asked)?;
    Ok(usize::try_from(size).unwrap_or(0))
}

pub fn receive_message(socket: RawFd, message: &mut [u8], wait: bool) -> nix::Result<usize> {
    recv(socket, message, waiting(wait))
}

fn waiting(wait: bool) -> MsgFlags {
    if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT }
}

/// A process that another thread starts at this moment may inherit the ends.
pub fn pipe() -> nix::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = nix::unistd::pipe()?;
    close_on_exec(&read)?;
    close_on_exec(&write)?;
    Ok((read, write))
}

fn close_on_exec(fd: &OwnedFd) -> nix::Result<()> {
    fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).map(drop)
}

/// The system enlarges them by itself.
pub fn enlarge_pipe(_pipe: BorrowedFd, _bytes: i32) {}

/// Not told apart: what is made for this machine's processor is compiled and not stored.
pub fn processor() -> Option<String> {
    None
}

/// # Safety
/// `context` is what the kernel has passed to a signal handler.
pub unsafe fn stack_pointer(context: *const ucontext_t) -> Option<u64> {
    // SAFETY: the caller's promise.
    let machine = unsafe { &*(*context).uc_mcontext };
    #[cfg(target_arch = "x86_64")]
    return Some(machine.__ss.__rsp);
    #[cfg(target_arch = "aarch64")]
    return Some(machine.__ss.__sp);
}

/// # Safety
/// As write(2).
pub unsafe fn write(fd: c_int, buffer: *const c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::write(fd, buffer, count) }
}

/// # Safety
/// As writev(2).
pub unsafe fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::writev(fd, parts, count) }
}

/// # Safety
/// As read(2).
pub unsafe fn read(fd: c_int, buffer: *mut c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::read(fd, buffer, count) }
}

pub fn c_stdout() -> *mut libc::FILE {
    unsafe extern "C" {
        static __stdoutp: *mut libc::FILE;
    }
    // SAFETY: C's library has set it before main began.
    unsafe { __stdoutp }
}

/// The system's numbers of threads have more bits; theirs that count are the lower ones.
pub fn current_thread() -> i32 {
    let mut id: u64 = 0;
    // SAFETY: writes one number; 0 is the thread that calls.
    unsafe { libc::pthread_threadid_np(0, &raw mut id) };
    (id & 0x7fff_ffff) as i32
}

pub fn is_main_thread() -> bool {
    // SAFETY: has no preconditions.
    unsafe { libc::pthread_main_np() == 1 }
}

pub fn threads() -> Vec<i32> {
    Vec::new()
}

pub fn thread_name(_thread: i32) -> Option<String> {
    None
}

pub fn waits_for_ever(_thread: i32) -> bool {
    false
}

pub fn umask() -> Option<u32> {
    None
}

pub fn loaded_libraries() -> Vec<LoadedLibrary> {
    Vec::new()
}
