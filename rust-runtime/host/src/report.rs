//! `ferrobook-runtime --report`: what it would work with on this machine, for `ferrobook doctor`.

use crate::build::store_settings;
use crate::build::target_cpu;
use crate::build::toolchain::{Toolchain, ToolchainError};
use crate::process::snapshots::Snapshots;
use crate::questions::cache_usage;
use serde_json::{Value, json};
use std::ffi::OsStr;

/// `toolchain` holds either the tools or, as `error`, why there are none; `complaints` are sentences about settings that make
/// no sense.
pub fn report(path: &OsStr) -> Value {
    let toolchain = Toolchain::find(path);
    let (store, store_complaint) = match store_settings::from_environment() {
        Ok(store) => (store, None),
        Err(complaint) => (None, Some(complaint)),
    };
    let mut snapshots = Snapshots::from_environment();
    let cpu_complaint = toolchain.as_ref().ok().and_then(|found| target_cpu::choose(&found.rustc).1);
    let complaints = [cpu_complaint, store_complaint, snapshots.take_complaint()].into_iter().flatten();
    json!({
        "toolchain": toolchain.as_ref().map_or_else(failure, tools),
        "cache": cache_usage(store.as_ref(), false),
        "snapshots": snapshots.policy(),
        "complaints": complaints.map(|complaint| complaint.trim().to_owned()).collect::<Vec<_>>(),
    })
}

fn tools(found: &Toolchain) -> Value {
    json!({
        "cargo": found.cargo,
        "cargoVersion": found.cargo_version,
        "rustc": found.rustc,
        "rustcVersion": found.rustc_version,
    })
}

fn failure(error: &ToolchainError) -> Value {
    json!({ "error": error.name(), "message": error.to_string(), "help": error.help() })
}
