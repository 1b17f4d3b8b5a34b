//! When rust-analyzer reads the standard library.
//!
//! evcxr starts it for itself, has it read all sources of the standard library before the first cell, which takes seconds,
//! and asks it nothing but the types of variables that a cell does not name. Until one has to be inferred, or completed, it
//! is shown a library without anything in it.

use crate::setup::{remove_env, set_env};
use ferrobook_protocol::cell::{STD_SOURCES, USERS_STD_SOURCES};
use std::path::Path;
use std::process::Command;

/// Shows an empty library in `private` from now on.
pub fn withhold(private: &Path) -> std::io::Result<()> {
    let empty = private.join("no-std");
    std::fs::create_dir_all(empty.join("core"))?;
    set_env(USERS_STD_SOURCES, &std::env::var_os(STD_SOURCES).unwrap_or_default());
    set_env(STD_SOURCES, empty.as_os_str());
    Ok(())
}

/// Shows the library that there is. rust-analyzer reads it when the manifest has changed.
pub fn show() {
    match std::env::var_os(USERS_STD_SOURCES) {
        Some(users) if !users.is_empty() => set_env(STD_SOURCES, &users),
        _ => remove_env(STD_SOURCES),
    }
    remove_env(USERS_STD_SOURCES);
}

/// Lets a program have the user's own setting.
pub fn keep_from(command: &mut Command) {
    match std::env::var_os(USERS_STD_SOURCES) {
        Some(users) if users.is_empty() => drop(command.env_remove(STD_SOURCES)),
        Some(users) => drop(command.env(STD_SOURCES, users)),
        None => {}
    }
}
