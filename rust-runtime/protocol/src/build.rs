//! What the host and the cargo shim say to each other: an order in a file, written before evcxr calls cargo, and what
//! becomes of it, as JSON in one datagram each.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment variable with the path of the [`BuildOrder`].
const BUILD_ORDER: &str = "FERROBOOK_BUILD_ORDER";

/// The file, beside the `src` that is compiled, with the types of the variables that evcxr keeps: a pair of name and type
/// as JSON in each line, which the cargo shim adds and the host removes.
pub const TYPES: &str = "types.jsonl";

/// The file, beside the `src` that is compiled, with the code as evcxr has written it. Compiler messages that leave
/// the cargo shim speak of it.
pub const GENERATED: &str = "generated.rs";

/// Stands, in the debugging information of compiled cells, for the directory of the package that evcxr makes of them.
pub const CELL_CRATE: &str = "/ferrobook/cell";

/// How many of a compiler's messages are told of a cell: nobody reads more, and each takes its time.
pub const MOST_MESSAGES: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildOrder {
    pub kind: Kind,
    pub options: BuildOptions,
    /// The dependencies that the cell names, when they are several.
    pub dependencies: Option<Dependencies>,
    /// How often each item with a static in it was defined anew, and how often the associated types of an implementation changed.
    pub generations: BTreeMap<String, u32>,
    /// Items that are no longer part of the notebook, word by word: what defines others in their place has run since.
    pub replaced: BTreeSet<String>,
    /// Whether rust-analyzer, when it asks cargo, is told of no crates: it will not be asked for anything before it asks again.
    pub hides_crates: bool,
    /// The processor that cells and their dependencies are compiled for: what `rustc --print target-cpus` lists.
    pub target_cpu: Option<String>,
    /// `None` when nothing is to be stored.
    pub store: Option<StoreSettings>,
    /// The user's own wrapper of rustc.
    pub next_wrapper: Option<PathBuf>,
    pub programs: Programs,
    /// The socket on which the host listens for [`Cargo`].
    pub host: PathBuf,
}

/// What is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The library of a cell.
    #[default]
    Cell,
    /// Nothing: a cell that is being typed is only looked at.
    Check,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildOptions {
    /// Overflow checks and debug assertions.
    pub debug: bool,
    /// The cell is compiled, whatever is stored.
    pub fresh: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependencies {
    /// A number for the cell.
    pub cell: u32,
    pub count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSettings {
    pub directory: PathBuf,
    /// In bytes.
    pub limit: u64,
}

/// The user's own programs, and ours in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    pub cargo: PathBuf,
    pub rustc: PathBuf,
    pub rustup: Option<PathBuf>,
    /// The user's own `PATH`: the one that evcxr sees begins with our shims.
    pub path: OsString,
    /// Where the shims are.
    pub shims: PathBuf,
}

impl BuildOrder {
    /// The variable by which the shims find an order that is kept at `path`.
    pub fn variable(path: &Path) -> (&'static str, &std::ffi::OsStr) {
        (BUILD_ORDER, path.as_os_str())
    }

    /// The order that this process was started for.
    pub fn path() -> Option<PathBuf> {
        std::env::var_os(BUILD_ORDER).map(PathBuf::from)
    }
}

/// What the cargo shim, and the wrapper before rustc, report while cargo runs for evcxr.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Cargo {
    /// cargo runs in the process group `group`, and the process `shim` waits for it.
    Started {
        group: i32,
        shim: i32,
    },
    /// A line of cargo's stderr. `ending` is `\n`, or `\r` for a line that the next one replaces.
    Line {
        text: String,
        ending: char,
    },
    /// A compiler message as cargo printed it; `own` when it is about the cell's crate.
    Diagnostic {
        own: bool,
        json: String,
    },
    Exited {
        group: i32,
    },
    /// The compiler has looked at the whole cell, which was only to be checked.
    Checked,
    /// A crate is compiled, or its result was `cached`; `cell` when it is the cell's.
    Compiled {
        cell: bool,
        cached: bool,
    },
    /// The crates of the cell cannot be in one library that all cells share, as the linker says.
    CratesNotShared {
        reason: String,
    },
    /// Results cannot be stored, as this sentence says.
    CacheTrouble {
        text: String,
    },
}
