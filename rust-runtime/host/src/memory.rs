//! Memory that is free goes back to the system.

/// Gives back what this process has freed and its allocator holds. rust-analyzer frees a third of all that it has had when it
/// has read the standard library; glibc keeps it unless asked. Elsewhere the allocator decides.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it takes the allocator's own locks, and no memory that is in use is touched.
    unsafe {
        libc::malloc_trim(0);
    }
}
