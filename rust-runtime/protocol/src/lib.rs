//! What the kernel (Node) and the Rust host say to each other: one JSON object a line, requests on the host's stdin,
//! events on its stdout. This crate is the only source; `kernel/src/languages/rust/protocol.ts` is generated from it
//! (`npm run generate`) and a test fails when the two drift apart.
//!
//! Positions (`cursor`, `start`, `end`) count Unicode code points from the start of the code, as Jupyter's `cursor_pos`
//! does. Times are wall-clock milliseconds unless they are named cpu. Lines and columns of a cell count from 1.

pub mod build;
pub mod cell;
mod diagnostic;
mod question;
pub mod users_environment;

pub use diagnostic::{Diagnostic, Edit, Fix, Position, Severity, Span};
pub use question::{Answer, CacheUsage, CompletenessStatus, Completion, Question, Variable, VariableValue};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the kernel asks of the host. Every request with an `id` gets exactly one closing event with that `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// Compile and run one cell; closed by [`Event::Done`]. Cells run one at a time, in the order of arrival.
    /// `code` has the marker line blanked, so that its line numbers are the cell's own.
    Execute {
        id: u32,
        code: String,
        /// Whether the frontend can answer an [`Event::InputRequest`].
        allow_stdin: bool,
        #[cfg_attr(test, ts(type = "Partial<CellOptions>"))]
        options: CellOptions,
        cell: NotebookCell,
    },
    /// Something else than to run a cell; closed by [`Event::Answer`] with the answer of the same name.
    Ask { id: u32, question: Question },
    /// End all checks that were asked for: a cell of another language is about to run.
    CancelChecks,
    /// The code of the cells that wait for their turn, of those that are for the host, and whether no cell of any language
    /// runs or waits. What rust-analyzer is to do before they come depends on it.
    Expect { codes: Vec<String>, idle: bool },
    /// The answer to [`Event::InputRequest`] of the cell `id`; `None` when no answer will come.
    Input { id: u32, value: Option<String> },
    /// Stop the running cell; the cell's own [`Event::Done`] follows. Nothing happens when no cell runs.
    Interrupt,
    /// End the host and everything it started.
    Shutdown,
}

/// Which cell of the notebook it is, in the words of the frontend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NotebookCell {
    /// What it is known by over several runs (`metadata.cellId` of the request), where the frontend says it.
    pub id: Option<String>,
    /// The number that its prompt shows. `None` for code that has no prompt.
    pub execution_count: Option<u32>,
}

/// What a cell's marker line asks of the host. The kernel passes on all that the line says: what is not named here is none of
/// the host's business, and what the line does not say is as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default, rename_all = "camelCase")]
pub struct CellOptions {
    /// Keep a copy of the variables from before the cell, as far as the host's [`SnapshotPolicy`] allows.
    pub snapshot: bool,
    /// Use, and keep, the compiled cell.
    pub cache: bool,
    /// Compile the cell with overflow checks and debug assertions.
    pub debug: bool,
}

impl Default for CellOptions {
    fn default() -> Self {
        Self { snapshot: true, cache: true, debug: false }
    }
}

/// What the host tells the kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The host can run cells. Sent once, before any other event but [`Event::Unavailable`].
    Ready {
        versions: Versions,
        snapshots: SnapshotPolicy,
    },
    /// From now on this process holds the variables and runs cells.
    Holder {
        pid: i32,
    },
    /// Rust cells cannot run (no cargo or rustc, one that is too old, …); every execute ends with this as its error.
    Unavailable {
        message: String,
        help: String,
    },
    /// Output of the cell as it is written, decoded (invalid UTF-8 becomes U+FFFD); chunks may end anywhere.
    Stream {
        id: u32,
        name: StreamName,
        text: String,
    },
    /// A MIME bundle, sent at once. `result` marks the value of the cell's trailing expression.
    Display {
        id: u32,
        data: BTreeMap<String, String>,
        result: bool,
    },
    /// The cell reads from its stdin or asks through `evcxr_input`; answered by [`Request::Input`].
    InputRequest {
        id: u32,
        prompt: String,
        password: bool,
    },
    /// The cell has come to another phase, or the crates that it needs have got further. It waits until its first one.
    Phase {
        id: u32,
        phase: LivePhase,
        /// While there are crates to build.
        crates: Option<BuildProgress>,
    },
    /// Why the cell failed; at most one, right before [`Event::Done`]. `diagnostics` when the compiler has refused it.
    Error {
        id: u32,
        error: CellError,
        diagnostics: Vec<Diagnostic>,
    },
    /// The cell is over and all of its output has been sent.
    Done {
        id: u32,
        status: Status,
        timing: CellTiming,
    },
    Answer {
        id: u32,
        answer: Answer,
    },
}

/// Versions of the tools that Rust cells are built with, for the banner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Versions {
    pub evcxr: String,
    pub rustc: String,
    pub cargo: String,
}

/// When the process that runs a cell is copied before it, so that a crash or an interrupt loses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SnapshotPolicy {
    /// Resident megabytes (2^20 bytes) above which cells run without a copy; 0 for never a copy.
    pub limit_mb: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum StreamName {
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Error,
}

/// The fields of Jupyter's `error` message. `ename` is rustc's code (`E0308`), a lint's name, `panic`, `Interrupted`,
/// a signal's name, `CargoError`, …; `traceback` is coloured with ANSI and speaks of the cell's own lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CellError {
    pub ename: String,
    pub evalue: String,
    pub traceback: Vec<String>,
}

/// Where the cell's time went. The phases do not overlap and are in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CellTiming {
    pub phases: Vec<Phase>,
    /// CPU time of the cell process and of the compilers that were started for this cell.
    pub cpu_ms: f64,
    /// Whether the compiled cell came from a cache, so that no rustc ran.
    pub cached: bool,
    pub build: Build,
}

/// How a cell's code was compiled, where the machine and the user have a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Build {
    /// With overflow checks and debug assertions ([`CellOptions::debug`]).
    pub debug: bool,
    /// The processor, in rustc's words, that the code is made for; `None` for what rustc takes by itself.
    pub target_cpu: Option<String>,
}

/// What a cell is at. The end tells more finely where the time went ([`Phase`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum LivePhase {
    Compile,
    Run,
}

/// How many crates cargo is done with, of all that it builds for the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct BuildProgress {
    pub done: u32,
    pub total: u32,
}

/// `start` (from the request's arrival, or the end of the cell before it, until the host took it up because it was
/// still starting or warming up; only from 1 ms on), `compile`, `snapshot` (copying the process) or `run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Phase {
    pub name: String,
    pub ms: f64,
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod typescript;
