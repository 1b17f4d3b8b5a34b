//! What the kernel asks of the host besides cells, and what it is told. How a question is treated while a cell runs is said
//! where it is answered (`host/src/questions`).

use crate::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Each has an [`Answer`] of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Question {
    /// Completions at `cursor`.
    Complete { code: String, cursor: u32 },
    /// What is known of the name at `cursor`.
    Inspect { code: String, cursor: u32 },
    /// Whether the code is a complete cell.
    IsComplete { code: String },
    /// What the compiler says about a cell that is being typed. It has no effect on any state, and ends without an answer
    /// when anything else is asked for. `cell` is the frontend's id of the cell, if it is known.
    Check { code: String, cell: Option<String> },
    /// The variables that cells have left.
    Variables,
    /// What there is to show of a variable.
    Value { name: String },
    /// What is kept of compiled cells and crates, or, with `clear`, was kept until now.
    Cache { clear: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// What may stand from `start` to `end`.
    Complete {
        matches: Vec<Completion>,
        start: u32,
        end: u32,
    },
    /// `data` is empty when nothing is known.
    Inspect {
        data: BTreeMap<String, String>,
    },
    IsComplete {
        status: CompletenessStatus,
        indent: String,
    },
    /// `None` when the cell was not checked: a cell runs, something else was asked for, or Rust is not available.
    Check {
        diagnostics: Option<Vec<Diagnostic>>,
    },
    /// `None` while a cell runs.
    Variables {
        variables: Option<Vec<Variable>>,
    },
    Value {
        value: VariableValue,
    },
    Cache {
        usage: CacheUsage,
    },
}

/// One completion: the text to insert and what it is (`function`, `method`, `struct`, `magic`, …).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    pub text: String,
    pub kind: String,
}

/// `is_complete_reply.status` of the Jupyter messaging protocol, without `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum CompletenessStatus {
    Complete,
    Incomplete,
    Invalid,
}

/// A variable that a cell has left for later ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    pub name: String,
    /// Its type as evcxr writes it.
    pub type_name: String,
    /// The bytes that it takes, where the type alone says it.
    pub size: Option<f64>,
}

/// What there is to show of a variable, or a sentence that says why there is nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum VariableValue {
    /// A MIME bundle, shortened where the value is large, and the bytes that it takes with what it owns directly.
    Shown {
        data: BTreeMap<String, String>,
        size: Option<f64>,
    },
    Problem {
        problem: String,
    },
}

/// What is kept of compiled cells and crates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CacheUsage {
    /// Where; `None` when nothing is kept.
    pub directory: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<String>,
    pub entries: u32,
    pub bytes: f64,
    /// How many bytes there may be.
    pub limit: f64,
    /// How often something was found, and how often not, since it was last emptied.
    pub hits: u32,
    pub misses: u32,
}
