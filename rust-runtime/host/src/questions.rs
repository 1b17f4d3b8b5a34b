//! What the kernel asks besides cells.

pub mod cache;
pub mod completion;
pub mod dep_completion;
