//! Types that have another layout with debug assertions than without.

use crate::cell::Cell;
use crate::cell::statements::Statement;
use crate::program::Program;

impl Program {
    /// The first item, of the program with this cell, whose layout may depend on debug assertions: a cell with them would
    /// read values of cells without them wrongly.
    pub fn item_with_two_layouts<'a>(&'a self, cell: &'a Cell) -> Option<&'a Statement> {
        let mut items = self.items.iter().chain(&cell.statements);
        while let Some(item) = items.next() {
            // A later definition takes the place of this one.
            if item.has_two_layouts() && !items.clone().any(|later| later.is_item && later.name == item.name) {
                return Some(item);
            }
        }
        None
    }
}
