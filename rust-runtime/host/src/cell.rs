//! A cell's source: its commands, its statements, and what can be said of them without a compiler.

pub mod literals;
pub mod statements;
pub mod thread_locals;
