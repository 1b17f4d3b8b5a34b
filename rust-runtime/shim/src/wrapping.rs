//! What the cargo shim tells the wrapper of rustc.

use ferrobook_cache::settings::StoreSettings;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The environment variable that holds [`Wrapping`] as JSON.
pub const WRAPPING: &str = "FERROBOOK_WRAPPING";

/// How one run of cargo is to be compiled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wrapping {
    /// `None` when nothing is to be stored.
    pub store: Option<StoreSettings>,
    /// Whether the cell must be compiled, whatever is stored.
    pub fresh_cell: bool,
    /// The package that evcxr makes of a cell; results do not depend on where it is.
    pub crate_dir: PathBuf,
    /// Where the host listens for [`ferrobook_protocol::cell::Cargo`].
    pub host: Option<PathBuf>,
    /// The user's own wrapper, to be called in our place.
    pub next: Option<PathBuf>,
}
