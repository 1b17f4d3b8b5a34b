//! Variables that have another value for evcxr and its rust-analyzer than for everything that is started for the user.

use crate::build::environment::{remove_env, set_env};
use ferrobook_protocol::users_environment::{OURS, users, users_value};
use std::ffi::OsStr;
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
    match users_value(name) {
        Some(value) => set_env(name, &value),
        None => remove_env(name),
    }
    remove_env(&users(name));
}

/// Lets a program have the user's values.
pub fn give_to(command: &mut Command) {
    for name in OURS {
        match users_value(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}
