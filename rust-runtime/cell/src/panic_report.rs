//! What the cells' panic hook calls. The hook itself is Rust code of the cells' own libstd (the host's `prelude`);
//! the two agree on [`Facts`].

use crate::channel;
use ferrobook_protocol::cell::{Frame, Panic, Request};
use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

/// The cells' flush function, once it is known.
static FLUSH: OnceLock<extern "C" fn()> = OnceLock::new();

pub fn flush_with(flush: extern "C" fn()) {
    let _ = FLUSH.set(flush);
}

/// Longer messages are cut: they travel in one datagram.
const LONGEST_MESSAGE: usize = 32 * 1024;
const MOST_FRAMES: usize = 128;

#[repr(C)]
pub struct Facts {
    message: Text,
    file: Text,
    /// Null for a thread without a name.
    thread: Text,
    line: u32,
    column: u32,
}

#[repr(C)]
struct Text {
    start: *const u8,
    length: usize,
}

impl Text {
    /// # Safety
    /// `start` is null or the start of `length` bytes of UTF-8 that live as long as `self`.
    unsafe fn get(&self, longest: usize) -> Option<&str> {
        if self.start.is_null() {
            return None;
        }
        // SAFETY: the caller's promise.
        let bytes = unsafe { std::slice::from_raw_parts(self.start, self.length) };
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        Some(&text[..text.floor_char_boundary(longest)])
    }
}

/// # Safety
/// `facts` is what the hook made of the panic, valid during the call.
pub unsafe extern "C" fn report(facts: *const Facts) {
    // SAFETY: the caller's promise.
    let (facts, main) = unsafe { (&*facts, libc::gettid() == libc::getpid()) };
    // What the cell has printed stands before its panic. Another thread might wait for stdout's lock without end.
    if main && let Some(flush) = FLUSH.get() {
        flush();
    }
    // SAFETY: the hook passes strings of its own.
    let (message, file, thread) =
        unsafe { (facts.message.get(LONGEST_MESSAGE), facts.file.get(4096), facts.thread.get(256)) };
    channel::ask(Request::Panicked(Panic {
        message: message.unwrap_or_default().to_owned(),
        file: file.unwrap_or_default().to_owned(),
        line: facts.line,
        column: facts.column,
        thread: thread.map(str::to_owned),
        main,
        frames: backtrace(),
    }));
}

unsafe extern "C" {
    fn _Unwind_Backtrace(step: extern "C" fn(*mut c_void, *mut c_void) -> c_int, argument: *mut c_void) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut c_void, before: *mut c_int) -> usize;
}

fn backtrace() -> Vec<Frame> {
    let mut addresses: Vec<usize> = Vec::with_capacity(MOST_FRAMES);
    // SAFETY: `step` gets the vector back as its argument, and no frame outlives the call.
    unsafe { _Unwind_Backtrace(step, (&raw mut addresses).cast()) };
    addresses.into_iter().filter_map(locate).collect()
}

extern "C" fn step(context: *mut c_void, argument: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const STOP: c_int = 5;
    let mut before = 0;
    // SAFETY: the unwinder's context, and the vector that `backtrace` passed.
    let (address, addresses) =
        unsafe { (_Unwind_GetIPInfo(context, &raw mut before), &mut *argument.cast::<Vec<usize>>()) };
    if addresses.len() == MOST_FRAMES {
        return STOP;
    }
    // A return address may be the first byte of the next line's code.
    addresses.push(if before == 0 { address.wrapping_sub(1) } else { address });
    GO_ON
}

fn locate(address: usize) -> Option<Frame> {
    // SAFETY: dladdr fills the struct or returns 0; its strings belong to loaded libraries, which stay.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(address as *const c_void, &raw mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        let library = CStr::from_ptr(info.dli_fname).to_string_lossy().into_owned();
        Some(Frame { library, offset: (address - info.dli_fbase as usize) as u64 })
    }
}
