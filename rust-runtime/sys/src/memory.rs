//! How much memory there is, and what becomes of it.

use crate::system;

/// Gives back what this process has freed and its allocator holds: glibc keeps it unless asked. It takes some microseconds,
/// and longer where there are millions of small free pieces. Elsewhere the allocator decides.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes the allocator's own locks, and no memory that is in use is touched.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// How much this process holds.
pub fn resident_bytes() -> Option<u64> {
    system::resident_bytes()
}

/// How much the machine has left.
pub fn available_bytes() -> Option<u64> {
    system::available_bytes()
}

/// When memory runs out, processes with more points are ended first: 1000 at most, 0 is usual.
pub fn offer_to_be_ended(points: u16) {
    system::offer_to_be_ended(points);
}
