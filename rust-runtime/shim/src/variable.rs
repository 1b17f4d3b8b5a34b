//! Variables of the environment.

use std::ffi::OsString;

/// A variable of the environment, when it has a value.
pub fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
