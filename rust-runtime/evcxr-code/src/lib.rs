//! All that is known of the code that evcxr 0.22 writes around a cell.
//!
//! It is parsed once ([`GeneratedCell`]), looked at by passes, each a file, and rendered once ([`Rendered`]), with the way
//! back from the rendered lines to evcxr's. What is not found where evcxr is known to write it is refused, never guessed:
//! a cell that kept evcxr's own store of variables while it is given ours would be undefined behaviour.
//!
//! `tests/fixtures` are captured from evcxr itself.

mod access;
mod async_runtime;
mod change;
mod definitions;
#[cfg(test)]
mod fixtures;
mod generated_cell;
mod implementations;
mod imports;
pub mod inserted;
mod item_order;
mod layouts;
mod mentioned_variables;
pub mod names;
mod origin;
mod render;
mod rendered;
mod replaced_items;
pub mod retries;
mod shared_statics;
mod show_trait;
mod tokens;
pub mod type_hints;
mod type_identity;
mod user_error;
mod variable_store;

pub use definitions::Definitions;
pub use generated_cell::{GeneratedCell, NotFound, SOURCE};
pub use implementations::Implementation;
pub use imports::{Import, imports};
pub use layouts::{GLOBS, identifier, item_words, layout_words};
pub use mentioned_variables::Variables;
pub use origin::Origin;
pub use rendered::{Rendered, uses_shared_crates, without_shared_crates};
