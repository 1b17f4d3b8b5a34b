//! How rustc was called for the last cell: written by the wrapper, read by the cargo shim.

use crate::call::Call;
use std::path::Path;

/// In the directory of the cells' package.
pub const CALL: &str = "ferrobook-call.json";
/// How it was called for the cell before, for a check while this one has not come to rustc.
const CALL_BEFORE: &str = "ferrobook-call-before.json";

/// rustc is called for a cell.
pub fn remember(crate_dir: &Path, call: &Call) -> std::io::Result<()> {
    std::fs::write(crate_dir.join(CALL), serde_json::to_vec(call)?)
}

/// cargo is about to call it anew.
pub fn forget(crate_dir: &Path) {
    let _ = std::fs::rename(crate_dir.join(CALL), crate_dir.join(CALL_BEFORE));
}

/// How it was called for the cell that was compiled just now.
pub fn newest(crate_dir: &Path) -> Option<Call> {
    read(crate_dir, CALL)
}

/// How it was called for a cell the last time.
pub fn last(crate_dir: &Path) -> Option<Call> {
    [CALL, CALL_BEFORE].into_iter().find_map(|name| read(crate_dir, name))
}

fn read(crate_dir: &Path, name: &str) -> Option<Call> {
    serde_json::from_slice(&std::fs::read(crate_dir.join(name)).ok()?).ok()
}
