//! What the notebook's Rust is made of so far, as far as the next cell depends on it.

pub mod generations;
pub mod known_types;
