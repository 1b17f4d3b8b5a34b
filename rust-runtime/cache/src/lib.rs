//! What was compiled once is not compiled again: results, found by everything that they depend on.
//!
//! A first key is made of what is known before a compile. What else it reads (`include_str!`, `mod`, `env!`) is known
//! afterwards, and kept as [`inputs`] with the first key: a stored result is used when all of them are as they were.
//! What is compiled, and by whom, is nobody's business here.

pub mod build_directory;
pub mod content;
pub mod entry;
pub mod environment;
pub mod inputs;
pub mod key;
pub mod store;
