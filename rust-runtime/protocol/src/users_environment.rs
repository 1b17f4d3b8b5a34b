//! Variables that have another value for evcxr and its rust-analyzer than for everything that is started for the user.

use std::ffi::OsString;

/// The environment variable by which rust-analyzer is told where the sources of the standard library are.
pub const STD_SOURCES: &str = "RUST_SRC_PATH";
/// The environment variable by which rust-analyzer finds cargo: in its folder `bin`.
pub const CARGO_HOME: &str = "CARGO_HOME";

/// Variables that the host sets for evcxr alone. What it starts has the user's values.
pub const OURS: [&str; 2] = [STD_SOURCES, CARGO_HOME];

/// The variable that holds the user's value of another one; empty when it was not set.
pub fn users(name: &str) -> String {
    format!("FERROBOOK_USERS_{name}")
}

/// The user's value of a variable, whether or not the host has set it to something else.
pub fn users_value(name: &str) -> Option<OsString> {
    match std::env::var_os(users(name)) {
        Some(value) => Some(value).filter(|value| !value.is_empty()),
        None => std::env::var_os(name),
    }
}

/// Gives this process the user's values: what is set for evcxr alone is for nothing that it starts.
///
/// # Safety
/// The process has one thread yet.
pub unsafe fn restore() {
    for name in OURS {
        let value = users_value(name);
        // SAFETY: the caller's promise.
        unsafe {
            std::env::remove_var(users(name));
            match value {
                Some(value) => std::env::set_var(name, value),
                None => std::env::remove_var(name),
            }
        }
    }
}
