//! The items that cells have defined.

use crate::cell::Cell;
use crate::cell::statements::Statement;
use std::collections::VecDeque;

#[derive(Default)]
pub struct Items {
    known: VecDeque<Statement>,
}

impl Items {
    const MOST: usize = 2000;

    /// The cell's items are part of evcxr's state from now on.
    pub fn add(&mut self, cell: &Cell) {
        for item in cell.statements.iter().filter(|statement| statement.is_item) {
            self.known.retain(|known| known.text != item.text);
            self.known.push_back(item.clone());
        }
        while self.known.len() > Self::MOST {
            self.known.pop_front();
        }
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Statement> + Clone {
        self.known.iter()
    }
}
