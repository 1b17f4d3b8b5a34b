//! Why there is no variable any more, in words.

use super::Items;
use ferrobook_protocol::NotebookCell;

/// A variable whose type was defined anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    name: String,
    of_type: String,
    /// The item that has changed, and the cell with its definition.
    change: Option<(String, NotebookCell)>,
}

impl Loss {
    pub fn new(name: &str, of_type: String, items: &Items) -> Self {
        let change = items.last_change(&of_type);
        let change = change.map(|change| (change.name.to_owned(), change.by.clone()));
        Self { name: name.to_owned(), of_type, change }
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, of_type, change } = self;
        match change {
            Some((item, NotebookCell { execution_count: Some(count), .. })) => {
                write!(f, "`{name}` was made with another definition of `{item}`, which cell [{count}] has changed")?;
            }
            Some((item, _)) => {
                write!(f, "`{name}` was made with another definition of `{item}`, which has changed since")?;
            }
            None => {
                write!(f, "`{name}` was made with another definition of its type `{of_type}`, which has changed since")?
            }
        }
        write!(f, ": run the cell that makes `{name}` again")
    }
}
