//! Why there is no variable any more, in words.

use super::Items;
use ferrobook_protocol::NotebookCell;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its type was defined anew.
    TypeChanged,
    /// The cell that was to make it has ended before.
    NotMade,
}

/// A variable that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub cause: Cause,
    name: String,
    of_type: String,
    /// The item that has changed, and the cell with its definition.
    change: Option<(String, NotebookCell)>,
}

impl Loss {
    pub fn new(name: &str, of_type: String, cause: Cause, items: &Items) -> Self {
        let change = items.last_change(&of_type);
        let change = change.map(|change| (change.name.to_owned(), change.by.clone()));
        Self { cause, name: name.to_owned(), of_type, change }
    }

    /// What errors about it are called.
    pub fn title(&self) -> &'static str {
        match self.cause {
            Cause::TypeChanged => "TypeChanged",
            Cause::NotMade => "NotMade",
        }
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cause, name, of_type, change } = self;
        match (cause, change) {
            (Cause::NotMade, _) => write!(f, "`{name}` was not made: its cell has ended before the `let`")?,
            (Cause::TypeChanged, Some((item, cell))) => {
                write!(f, "`{name}` was made with another definition of `{item}`, which ")?;
                match cell.execution_count {
                    Some(count) => write!(f, "cell [{count}] has changed")?,
                    None => write!(f, "has changed since")?,
                }
            }
            (Cause::TypeChanged, None) => {
                write!(
                    f,
                    "`{name}` was made with another definition of its type `{of_type}`, which has changed since"
                )?;
            }
        }
        write!(f, ": run the cell that makes `{name}` again")
    }
}
