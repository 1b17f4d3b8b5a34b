//! What the cells' panic hook calls. The hook itself is Rust code of the cells' own libstd (the host's `prelude`);
//! the two agree on [`Facts`].

use crate::backtrace;
use crate::channel;
use ferrobook_protocol::cell::{Panic, Request};
use ferrobook_sys::threads;
use std::sync::OnceLock;

/// The cells' flush function, once it is known.
static FLUSH: OnceLock<extern "C" fn()> = OnceLock::new();

pub fn flush_with(flush: extern "C" fn()) {
    let _ = FLUSH.set(flush);
}

/// Longer messages are cut: they travel in one datagram.
const LONGEST_MESSAGE: usize = 32 * 1024;

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
    let facts = unsafe { &*facts };
    let main = threads::is_main();
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
        frames: backtrace::here(),
    }));
}
