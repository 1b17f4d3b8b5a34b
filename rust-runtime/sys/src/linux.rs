//! Linux: what prctl(2), proc(5) and its own system calls give.

use crate::libraries::LoadedLibrary;
use libc::{c_int, c_void, dl_phdr_info, iovec, size_t, ssize_t, ucontext_t};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use std::ffi::{CStr, OsStr};
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

pub fn end_with_parent(signal: Signal) -> nix::Result<()> {
    prctl::set_pdeathsig(signal)
}

pub fn be_killed_with_parent() -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
}

pub fn adopt_orphans() -> nix::Result<()> {
    prctl::set_child_subreaper(true)
}

pub fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: asks for a constant.
    let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    Some(pages * page)
}

pub fn available_bytes() -> Option<u64> {
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().split(' ').next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// proc_pid_oom_score_adj(5).
pub fn offer_to_be_ended(points: u16) {
    let _ = std::fs::write("/proc/self/oom_score_adj", points.to_string());
}

pub fn message_pair() -> nix::Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
}

pub fn send_message(socket: RawFd, message: &[u8]) -> nix::Result<usize> {
    send(socket, message, MsgFlags::MSG_NOSIGNAL)
}

pub fn size_of_message(socket: RawFd, wait: bool) -> nix::Result<usize> {
    recv(socket, &mut [0], waiting(wait) | MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC)
}

pub fn receive_message(socket: RawFd, message: &mut [u8], wait: bool) -> nix::Result<usize> {
    recv(socket, message, waiting(wait))
}

fn waiting(wait: bool) -> MsgFlags {
    if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT }
}

pub fn pipe() -> nix::Result<(OwnedFd, OwnedFd)> {
    nix::unistd::pipe2(OFlag::O_CLOEXEC)
}

pub fn enlarge_pipe(pipe: BorrowedFd, bytes: i32) {
    let _ = fcntl(pipe, FcntlArg::F_SETPIPE_SZ(bytes));
}

/// The first processor in the words of Linux.
pub fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let first = text.split("\n\n").next()?;
    let telling = ["vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU "];
    Some(first.lines().filter(|line| telling.iter().any(|name| line.starts_with(name))).collect())
}

/// # Safety
/// `context` is what the kernel has passed to a signal handler.
pub unsafe fn stack_pointer(context: *const ucontext_t) -> Option<u64> {
    // SAFETY: the caller's promise.
    let machine = unsafe { &(*context).uc_mcontext };
    #[cfg(target_arch = "x86_64")]
    return Some(machine.gregs[libc::REG_RSP as usize].cast_unsigned());
    #[cfg(target_arch = "aarch64")]
    return Some(machine.sp);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let _ = machine;
        None
    }
}

/// # Safety
/// As write(2).
pub unsafe fn write(fd: c_int, buffer: *const c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_write, fd, buffer, count) as ssize_t }
}

/// # Safety
/// As writev(2).
pub unsafe fn writev(fd: c_int, parts: *const iovec, count: c_int) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_writev, fd, parts, count) as ssize_t }
}

/// # Safety
/// As read(2).
pub unsafe fn read(fd: c_int, buffer: *mut c_void, count: size_t) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_read, fd, buffer, count) as ssize_t }
}

pub fn c_stdout() -> *mut libc::FILE {
    unsafe extern "C" {
        static stdout: *mut libc::FILE;
    }
    // SAFETY: C's library has set it before main began.
    unsafe { stdout }
}

pub fn current_thread() -> i32 {
    // SAFETY: has no preconditions.
    unsafe { libc::gettid() }
}

pub fn is_main_thread() -> bool {
    current_thread() == nix::unistd::getpid().as_raw()
}

pub fn threads() -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok()).collect()
}

pub fn thread_name(thread: i32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm")).ok()?;
    Some(name.trim().to_owned())
}

/// proc_pid_syscall(5): the number of the system call that the thread is in, and its arguments in hexadecimal.
pub fn waits_for_ever(thread: i32) -> bool {
    let Ok(call) = std::fs::read_to_string(format!("/proc/self/task/{thread}/syscall")) else { return false };
    let mut words = call.split(' ');
    let number: Option<i64> = words.next().and_then(|word| word.parse().ok());
    let argument = |word: &str| i64::from_str_radix(word.trim_start_matches("0x"), 16).ok();
    let arguments: Vec<i64> = words.map_while(argument).collect();
    let [_, operation, _, timeout, ..] = arguments[..] else { return false };
    let operation = operation & i64::from(!(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME));
    let is_wait = operation == i64::from(libc::FUTEX_WAIT) || operation == i64::from(libc::FUTEX_WAIT_BITSET);
    number == Some(libc::SYS_futex) && is_wait && timeout == 0
}

/// The kernel's own account of it.
pub fn umask() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let octal = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(octal.trim(), 8).ok()
}

/// dl_iterate_phdr(3). The program itself has no name there.
pub fn loaded_libraries() -> Vec<LoadedLibrary> {
    unsafe extern "C" fn note(info: *mut dl_phdr_info, _: size_t, found: *mut c_void) -> c_int {
        // SAFETY: the loader passes what it knows of a library, and the pointer that it was given.
        let (info, found) = unsafe { (&*info, &mut *found.cast::<Vec<LoadedLibrary>>()) };
        if !info.dlpi_name.is_null() {
            // SAFETY: it is a string.
            let name = unsafe { CStr::from_ptr(info.dlpi_name) };
            let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
            found.push(LoadedLibrary { path, base: info.dlpi_addr as usize });
        }
        0
    }
    let mut found: Vec<LoadedLibrary> = Vec::new();
    // SAFETY: `note` takes what is passed on.
    unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut found).cast()) };
    found
}
