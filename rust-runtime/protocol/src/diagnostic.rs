//! What a compiler says about a cell, for an editor that marks it.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a cell, or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    pub severity: Severity,
    /// rustc's code (`E0308`) or the name of a lint (`unused_must_use`).
    pub code: Option<String>,
    pub message: String,
    /// The whole report as the traceback of a failed cell shows it, without colours.
    pub rendered: String,
    /// Places in the cell, the ones that it is about first. None for an error in code of an earlier cell.
    pub spans: Vec<Span>,
    /// Changes that would help.
    pub fixes: Vec<Fix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// A piece of a cell; empty when `start` and `end` are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Span {
    pub start: Position,
    pub end: Position,
    /// What the compiler has to say about this piece.
    pub label: Option<String>,
    /// Whether the diagnostic is about this piece, or only mentions it.
    pub primary: bool,
}

/// A place in a cell: the line, and the column in Unicode code points, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What it does, in rustc's words.
    pub message: String,
    /// Whether the compiler knows that it is what was meant, or supposes so (`MachineApplicable`, `MaybeIncorrect`).
    pub sure: bool,
    pub edits: Vec<Edit>,
}

/// Replaces a piece of the cell. The edits of a fix do not overlap; all positions are those before the fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    pub start: Position,
    pub end: Position,
    pub text: String,
}
