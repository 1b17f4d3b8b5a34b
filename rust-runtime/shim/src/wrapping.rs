//! What the cargo shim tells the wrapper of rustc: the order, as far as it is about one call of the compiler.

use crate::variable::set;
use ferrobook_protocol::build::{BuildOrder, Kind, StoreSettings};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The environment variable that holds [`Wrapping`] as JSON.
pub const WRAPPING: &str = "FERROBOOK_WRAPPING";

/// How one run of cargo is to be compiled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wrapping {
    pub kind: Kind,
    /// `None` when nothing is to be stored.
    pub store: Option<StoreSettings>,
    /// Whether the cell must be compiled, whatever is stored.
    pub fresh: bool,
    /// The package that evcxr makes of a cell; results do not depend on where it is.
    pub crate_dir: PathBuf,
    /// Where the host listens for [`ferrobook_protocol::build::Cargo`].
    pub host: PathBuf,
    /// The user's own wrapper, to be called in our place.
    pub next: Option<PathBuf>,
}

impl Wrapping {
    /// Of cargo in the current directory.
    pub fn of(order: &BuildOrder) -> std::io::Result<Self> {
        let next = match std::env::var_os("RUSTC_WRAPPER") {
            Some(wrapper) => (!wrapper.is_empty()).then(|| PathBuf::from(wrapper)),
            None => order.next_wrapper.clone(),
        };
        // evcxr's own wrapper has a cache of its own, or makes other libraries than rustc was asked for.
        let store = order.store.clone().filter(|_| set("EVCXR_RUSTC_WRAPPER").is_none());
        Ok(Self {
            kind: order.kind,
            store,
            fresh: order.options.fresh,
            crate_dir: std::env::current_dir()?,
            host: order.host.clone(),
            next,
        })
    }
}
