//! Tells the host the types of variables that evcxr has found.

use ferrobook_evcxr_code::GeneratedCell;
use ferrobook_protocol::build::TYPES;
use std::fs::OpenOptions;
use std::io::Write;

/// Each attempt to compile a cell names them: the first one also those of variables that turn out to be moved.
pub fn note(cell: &GeneratedCell) -> std::io::Result<()> {
    let lines = cell.kept().filter_map(|variable| serde_json::to_string(&variable).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    if text.is_empty() {
        return Ok(());
    }
    OpenOptions::new().create(true).append(true).open(TYPES)?.write_all(text.as_bytes())
}
