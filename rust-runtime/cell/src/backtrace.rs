//! The calls that led to this point, as addresses; the host finds their lines.

use ferrobook_protocol::cell::Frame;
use std::ffi::{CStr, c_int, c_void};

const MOST_FRAMES: usize = 128;

#[derive(Default)]
struct Walk {
    addresses: Vec<usize>,
}

/// Innermost first. Called in a signal handler, it begins with the instruction that was interrupted.
pub fn here() -> Vec<Frame> {
    let mut walk = Walk { addresses: Vec::with_capacity(MOST_FRAMES) };
    // SAFETY: `step` gets the walk back as its argument, and no frame outlives the call.
    unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
    walk.addresses.into_iter().filter_map(locate).collect()
}

unsafe extern "C" {
    fn _Unwind_Backtrace(step: extern "C" fn(*mut c_void, *mut c_void) -> c_int, argument: *mut c_void) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut c_void, before: *mut c_int) -> usize;
}

extern "C" fn step(context: *mut c_void, argument: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const STOP: c_int = 5;
    let mut before = 0;
    // SAFETY: the unwinder's context, and the walk that `here` passed.
    let (address, walk) = unsafe { (_Unwind_GetIPInfo(context, &raw mut before), &mut *argument.cast::<Walk>()) };
    if before != 0 {
        // This frame was interrupted by a signal; those before it are the handler's.
        walk.addresses.clear();
    }
    if walk.addresses.len() == MOST_FRAMES {
        return STOP;
    }
    // A return address may be the first byte of the next line's code.
    walk.addresses.push(if before == 0 { address.wrapping_sub(1) } else { address });
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
