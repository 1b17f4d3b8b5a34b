//! The environment of this process, from which evcxr and whatever it starts have theirs.

/// Sets a variable that the user has not set.
pub fn set_default(name: &str, value: &std::ffi::OsStr) {
    if std::env::var_os(name).is_none() {
        set_env(name, value);
    }
}

pub fn set_env(name: &str, value: &std::ffi::OsStr) {
    // SAFETY: only the session's thread, which calls this, reads the environment after the start; the other threads
    // of this process parse requests and copy output.
    unsafe { std::env::set_var(name, value) };
}

pub fn remove_env(name: &str) {
    // SAFETY: as in `set_env`.
    unsafe { std::env::remove_var(name) };
}
