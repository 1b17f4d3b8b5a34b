//! What evcxr finds as `cargo` and `rustup` while the host calls it, and what cargo then finds as rustc.
//!
//! `ferrobook-rustc` stands before rustc while cargo compiles a cell and its dependencies (`RUSTC_WRAPPER`). The results of
//! rustc are stored, and found by everything that they depend on: the compiler, its arguments, the source, the crates it
//! is given. Whatever is not understood is compiled and not stored.
//!
//! Nothing here may make a compile fail that works without: on any doubt or error it is rustc's turn.

mod arguments;
mod call;
mod cargo_output;
pub mod cargo_shim;
mod cell_build;
mod cell_source;
mod check;
mod check_command;
mod compile_key;
mod compiler;
mod compiler_messages;
mod definitions;
mod foreign_functions;
mod found_types;
mod last_call;
mod library_handover;
mod linker;
mod local_crates;
mod order;
mod real_cargo;
pub mod rustup_shim;
mod shared_crates;
mod shortcut;
mod supervised;
mod validation;
mod variable;
pub mod wrapper;
mod wrapping;
