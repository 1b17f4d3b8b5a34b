//! What the compiler says, about the cell's own lines.

mod dependents;
pub mod editor;
pub mod render;
pub mod source_map;
