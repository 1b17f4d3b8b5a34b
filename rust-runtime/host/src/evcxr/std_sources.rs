//! When rust-analyzer reads the standard library.
//!
//! evcxr starts it for itself, has it read all sources of the standard library before the first cell, which takes seconds,
//! and asks it nothing but the types of variables that a cell does not name. Until one has to be inferred, or completed, it
//! is shown a library without anything in it.

use crate::build::users_environment;
use ferrobook_protocol::users_environment::STD_SOURCES;
use std::path::Path;

/// Shows an empty library in `private` from now on.
pub fn withhold(private: &Path) -> std::io::Result<()> {
    let empty = private.join("no-std");
    std::fs::create_dir_all(empty.join("core"))?;
    users_environment::replace(STD_SOURCES, empty.as_os_str());
    Ok(())
}

/// Shows the library that there is. rust-analyzer reads it when the manifest has changed.
pub fn show() {
    users_environment::restore(STD_SOURCES);
}
