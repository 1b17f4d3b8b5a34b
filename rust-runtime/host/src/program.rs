//! The notebook's Rust as data: what its cells have defined, what they were compiled to, and what they depend on.

mod compiled;
pub mod generations;
mod items;
pub mod known_types;
mod layouts;
mod lost_variables;
pub mod replacements;
mod variables;

pub use compiled::{Compiled, CompiledCells};
pub use items::Items;
pub use lost_variables::{Cause, Loss};
pub use variables::Variables;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct Program {
    /// The items that cells have defined, `use` declarations among them.
    pub items: Items,
    /// The variables that they have left.
    pub variables: Variables,
    /// The cells that ran, as they were compiled.
    pub compiled: CompiledCells,
    /// The number of the cell that runs, or ran last.
    pub run: u64,
    /// The package that evcxr makes of a cell to compile it. Its manifest names the dependencies of all cells.
    pub crate_dir: PathBuf,
}

impl Program {
    /// There are no items and variables any more.
    pub fn clear(&mut self) {
        self.items = Items::default();
        self.variables = Variables::default();
    }

    /// The dependencies that cells can use; `None` when that cannot be told.
    pub fn dependencies(&self) -> Option<toml::Table> {
        let manifest = std::fs::read_to_string(self.crate_dir.join("Cargo.toml")).ok()?;
        let mut manifest: toml::Table = manifest.parse().ok()?;
        match manifest.remove("dependencies")? {
            toml::Value::Table(dependencies) => Some(dependencies),
            _ => None,
        }
    }

    /// Whether the compiler means the code that evcxr generates when it names this file.
    pub fn is_generated(&self, file: &Path) -> bool {
        file == self.crate_dir.join("src/lib.rs")
    }
}

/// The program, for the thread that owns evcxr and for the one that reads what cells print. Nobody waits for anything while
/// it has the lock.
#[derive(Clone, Default)]
pub struct SharedProgram(Arc<Mutex<Program>>);

impl SharedProgram {
    pub fn lock(&self) -> MutexGuard<'_, Program> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
