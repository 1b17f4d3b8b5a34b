//! What the code of a cell alone does not tell about what it defines.

use std::collections::{BTreeMap, BTreeSet};

/// What the code alone does not tell.
#[derive(Debug, Default)]
pub struct Definitions {
    /// How often an item of this name was defined anew; of a family of implementations
    /// ([`Implementation::family`](crate::Implementation::family)), how often its associated types have changed; and of
    /// [`GLOBS`](crate::GLOBS).
    pub generations: BTreeMap<String, u32>,
    /// Items that evcxr still has, and the notebook no more: their words ([`item_words`](crate::item_words)).
    pub replaced: BTreeSet<String>,
    /// The lines about dependencies in Cargo.toml, by the name of the crate in the code.
    pub dependencies: BTreeMap<String, String>,
    /// Whether the cell is compiled with debug assertions.
    pub debug: bool,
    /// Whether the trait that shows values is left out, because another one does.
    pub show_trait_stands_aside: bool,
}
