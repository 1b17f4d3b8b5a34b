//! What the compiler says, about the cell's own lines.

pub mod editor;
pub mod render;
pub mod source_map;
