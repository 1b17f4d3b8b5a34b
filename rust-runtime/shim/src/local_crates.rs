//! Crates that are edited while a notebook runs: those of a path, and all that depend on them.
//!
//! cargo calls what has come of an edit by the name that it had before. To the compiler it would be the same crate, and so would
//! its types, and functions of the old one, which is loaded still, would be called in the place of the new one's. So each
//! compile of such a crate gets an identity of its own.

use crate::arguments::Invocation;
use ferrobook_cache::content;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where cargo keeps what nobody edits.
const OF_CARGO: [&str; 2] = ["/registry/src/", "/git/checkouts/"];

/// Whether it is one. Crates that depend on it are compiled as soon as its metadata are there, and find out by a mark.
pub fn is_one(invocation: &Invocation) -> std::io::Result<bool> {
    let source = std::env::current_dir()?.join(&invocation.source);
    let is_edited = !OF_CARGO.iter().any(|directory| source.to_string_lossy().contains(directory));
    let is_one = is_edited || invocation.externs.iter().any(|(_, path)| mark(path).is_some_and(|mark| mark.exists()));
    if is_one && let Some(mark) = mark(&invocation.out_dir.join(invocation.library_name())) {
        std::fs::write(mark, "")?;
    }
    Ok(is_one)
}

/// Beside the crate's files.
fn mark(library: &Path) -> Option<PathBuf> {
    Some(library.with_file_name(format!(".{}.local", library.file_stem()?.to_str()?)))
}

/// What rustc is told, in addition to cargo's own words about the identity.
pub fn identity() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let hash = content::hash(format!("{} {}", now.as_nanos(), std::process::id()).as_bytes());
    format!("-Cmetadata={}", &hash[..16])
}
