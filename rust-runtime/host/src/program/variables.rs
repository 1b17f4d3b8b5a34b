//! The variables that cells have left, and those whose type has changed since.

use super::{Cause, Loss, Program};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Variables {
    /// The types by the names, as they were before the cell that runs.
    known: BTreeMap<String, String>,
    lost: BTreeMap<String, Loss>,
}

impl Variables {
    /// A cell is to be executed while there are these.
    pub fn begin(&mut self, variables: Vec<(String, String)>) {
        self.known = variables.into_iter().collect();
        self.lost.retain(|name, _| !self.known.contains_key(name));
    }

    /// The type that a variable had before the cell.
    pub fn type_of(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(String::as_str)
    }

    /// What has become of a variable that there is no more.
    pub fn loss(&self, name: &str) -> Option<&Loss> {
        self.lost.get(name)
    }
}

impl Program {
    /// There is no variable of this name any more.
    pub fn lose(&mut self, name: &str, cause: Cause) {
        let of_type = self.variables.known.get(name).cloned().unwrap_or_default();
        let loss = Loss::new(name, of_type, cause, &self.items);
        self.variables.lost.insert(name.to_owned(), loss);
    }
}
