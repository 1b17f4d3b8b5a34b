//! Variables that have another value for evcxr and its rust-analyzer than for everything that is started for the user.

use crate::setup::{remove_env, set_env};
use ferrobook_protocol::cell::{OURS, users};
use std::ffi::{OsStr, OsString};
use std::process::Command;

/// Sets one of [`OURS`] and puts the user's value aside.
pub fn replace(name: &str, value: &OsStr) {
    if std::env::var_os(users(name)).is_none() {
        set_env(&users(name), &std::env::var_os(name).unwrap_or_default());
    }
    set_env(name, value);
}

/// Gives one of [`OURS`] the user's value again.
pub fn restore(name: &str) {
    match var(name) {
        Some(value) => set_env(name, &value),
        None => remove_env(name),
    }
    remove_env(&users(name));
}

/// The user's value of a variable.
pub fn var(name: &str) -> Option<OsString> {
    match std::env::var_os(users(name)) {
        Some(value) => Some(value).filter(|value| !value.is_empty()),
        None => std::env::var_os(name),
    }
}

/// Lets a program have the user's values.
pub fn give_to(command: &mut Command) {
    for name in OURS {
        match var(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}
