//! What is one operating system's.

pub mod lifetime;
pub mod memory;
