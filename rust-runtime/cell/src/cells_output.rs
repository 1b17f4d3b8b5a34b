//! The functions of the host's `prelude` that act on the output of the libstd that cells share. The cell process has a
//! libstd of its own, whose stdout is another one.

use crate::flusher::Flusher;
use crate::library::Library;
use std::ffi::c_void;

type Flush = extern "C" fn();
type Hold = extern "C" fn() -> *mut c_void;
type Release = extern "C" fn(*mut c_void);

#[derive(Clone, Copy, Default)]
pub struct CellsOutput {
    flush: Option<Flush>,
    hold: Option<(Hold, Release)>,
}

/// No thread of a cell is in the middle of printing while this lives.
pub struct Held {
    locks: *mut c_void,
    release: Release,
}

impl Drop for Held {
    fn drop(&mut self) {
        (self.release)(self.locks);
    }
}

impl CellsOutput {
    /// Takes the functions that this library defines.
    pub fn adopt(&mut self, library: &Library) {
        if let Some(flush) = library.symbol("ferrobook_flush") {
            // SAFETY: the prelude defines `extern "C" fn ferrobook_flush()`.
            self.flush = Some(unsafe { std::mem::transmute::<*mut c_void, Flush>(flush.as_ptr()) });
        }
        let hold = (library.symbol("ferrobook_hold_output"), library.symbol("ferrobook_release_output"));
        if let (Some(hold), Some(release)) = hold {
            // SAFETY: the prelude defines `extern "C" fn ferrobook_hold_output() -> *mut c_void` and
            // `extern "C" fn ferrobook_release_output(*mut c_void)`.
            self.hold = Some(unsafe {
                (
                    std::mem::transmute::<*mut c_void, Hold>(hold.as_ptr()),
                    std::mem::transmute::<*mut c_void, Release>(release.as_ptr()),
                )
            });
        }
    }

    pub fn flush_function(&self) -> Option<Flush> {
        self.flush
    }

    pub fn flush(&self) {
        if let Some(flush) = self.flush {
            flush();
        }
        // SAFETY: null flushes all of C's streams.
        unsafe { libc::fflush(std::ptr::null_mut()) };
    }

    /// Waits for threads that are printing. Nothing is held when one of them keeps stdout locked for long: a cell must
    /// not be held up by it.
    pub fn hold(&self, flusher: &Flusher) -> Option<Held> {
        let (flush, (hold, release)) = (self.flush?, self.hold?);
        flusher.try_flush(flush).then(|| Held { locks: hold(), release })
    }
}
