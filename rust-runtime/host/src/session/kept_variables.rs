//! What a cell had not yet replaced when it failed is as before.
//!
//! evcxr forgets the variables that a cell was to define as soon as it panics or a `?` fails. An earlier variable of the same name
//! is still in the store then, where the new one would have taken its place: a cell of our own gives it back to evcxr.

use super::state::Session;
use crate::cell::Cell;
use crate::evcxr::engine::Engine;

impl Session {
    /// After a cell with the number `id` that has begun to run and failed.
    pub fn keep_variables(&mut self, id: u32, cell: &Cell) {
        let now = self.engine.as_ref().map(Engine::variables).unwrap_or_default();
        let is_gone = |name: &&String| now.iter().all(|(known, _)| known != *name);
        let program = self.program.lock();
        let gone = cell.bindings.iter().filter(is_gone);
        let mut lets: Vec<String> = gone
            .filter_map(|name| {
                let of_type = program.variables.type_of(name)?;
                Some(format!(
                    "let mut {name}: {of_type} = evcxr_variable_store.kept_variable::<{of_type}>(stringify!({name}));"
                ))
            })
            .collect();
        drop(program);
        lets.dedup();
        // One by one: another one may have been moved.
        for code in lets {
            let _ = self.look(id, &code);
        }
    }
}
