//! What was compiled once is not compiled again: the results of rustc, found by everything that they depend on.
//!
//! `ferrobook-rustc` stands before rustc while cargo compiles a cell and its dependencies (`RUSTC_WRAPPER`). A first key
//! is made of what is known before a compile: the compiler, its arguments, the source, the crates it is given. What
//! else it reads (`include_str!`, `mod`, `env!`) is known afterwards, and kept as [`inputs`] with the first key: a
//! stored result is used when all of them are as they were. Whatever is not understood is compiled and not stored.
//!
//! Nothing here may make a compile fail that works without: on any doubt or error it is rustc's turn.

#![allow(clippy::module_name_repetitions)]

mod arguments;
pub mod check;
mod compiler;
mod content;
mod entry;
mod environment;
mod inputs;
pub mod key;
pub mod lifetime;
mod linker;
pub mod memory;
mod places;
pub mod settings;
pub mod shortcut;
pub mod store;
pub mod wrapper;
