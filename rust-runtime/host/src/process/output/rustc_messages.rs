//! What rustc says about the cell, by way of the cargo shim.

use crate::session::checks::Checks;
use ferrobook_protocol::build::{Cargo, GENERATED};
use std::path::Path;

/// What rustc has said so far about a cell that it only looks at.
#[derive(Default)]
pub struct Check {
    messages: Vec<serde_json::Value>,
    is_complete: bool,
}

impl Check {
    pub fn take(&mut self, message: Cargo, checks: &Checks) {
        match message {
            Cargo::Started { group, .. } => checks.compiler_began(group),
            Cargo::Exited { .. } => checks.compiler_ended(),
            Cargo::Checked => self.is_complete = true,
            Cargo::Diagnostic { own: true, json } => {
                if let Ok(mut json) = serde_json::from_str::<serde_json::Value>(&json) {
                    self.messages.push(json["message"].take());
                }
            }
            _ => {}
        }
    }

    /// The messages, when rustc came to its end.
    pub fn finish(self, crate_dir: &Path) -> Option<Diagnostics> {
        if !self.is_complete {
            return None;
        }
        Some(Diagnostics { messages: self.messages, generated: generated(crate_dir), is_new_build: false })
    }
}

/// rustc's messages about the last build of the cell that had any, and the code that they are about.
#[derive(Default)]
pub struct Diagnostics {
    pub messages: Vec<serde_json::Value>,
    pub generated: String,
    is_new_build: bool,
}

impl Diagnostics {
    pub fn begin_build(&mut self) {
        self.is_new_build = true;
    }

    pub fn add(&mut self, json: &str, crate_dir: &Path) {
        let Ok(mut json) = serde_json::from_str::<serde_json::Value>(json) else { return };
        let message = json["message"].take();
        if message["level"] != "error" {
            return;
        }
        if std::mem::take(&mut self.is_new_build) {
            self.messages.clear();
            self.generated = generated(crate_dir);
        }
        self.messages.push(message);
    }
}

/// The code that rustc was given, as evcxr wrote it.
fn generated(crate_dir: &Path) -> String {
    std::fs::read_to_string(crate_dir.join(GENERATED)).unwrap_or_default()
}
