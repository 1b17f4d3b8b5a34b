//! Which items are part of the notebook. A cell that runs again replaces all that it had defined before, and an item takes the
//! place of another cell's of the same name; evcxr knows names only.

use crate::build::build_orders::BuildOrders;
use crate::cell::Cell;
use ferrobook_evcxr_code::item_words;
use ferrobook_protocol::NotebookCell;
use std::collections::BTreeSet;

pub struct Replacements {
    /// In which the cargo shim reads them.
    orders: BuildOrders,
    known: Definitions,
    /// With what the cell that is being executed defines.
    next: Definitions,
}

#[derive(Clone, Default)]
struct Definitions {
    live: Vec<Live>,
    /// The words of items that are part of the notebook no more.
    replaced: BTreeSet<String>,
}

#[derive(Clone)]
struct Live {
    /// Its words.
    text: String,
    name: Option<String>,
    /// The frontend's id of the cell.
    cell: Option<String>,
}

impl Replacements {
    pub fn new(orders: BuildOrders) -> Self {
        Self { orders, known: Definitions::default(), next: Definitions::default() }
    }

    /// Before the cell is compiled.
    pub fn begin(&mut self, cell: &Cell, of: &NotebookCell) {
        self.next = self.known.with(cell, of);
        self.order(&self.next);
    }

    /// `defined` when evcxr has taken the cell's items over. Otherwise the earlier ones are still there.
    pub fn end(&mut self, defined: bool) {
        let next = std::mem::take(&mut self.next);
        if defined {
            self.known = next;
        } else {
            self.order(&self.known);
        }
    }

    /// evcxr has forgotten all items.
    pub fn clear(&mut self) {
        self.known = Definitions::default();
        self.next = Definitions::default();
        self.order(&self.known);
    }

    fn order(&self, definitions: &Definitions) {
        self.orders.change(|order| order.replaced.clone_from(&definitions.replaced));
    }
}

impl Definitions {
    fn with(&self, cell: &Cell, of: &NotebookCell) -> Self {
        let items = cell.statements.iter().filter(|statement| statement.is_item);
        let new: Vec<Live> = items
            .map(|item| Live {
                text: item_words(&item.text),
                name: item.name.clone().or_else(|| item.implements.as_ref().map(|item| item.name.clone())),
                cell: of.id.clone(),
            })
            .collect();
        let is_gone = |live: &Live| {
            let is_same_cell = of.id.is_some() && live.cell == of.id;
            is_same_cell || new.iter().any(|new| new.text == live.text || (new.name.is_some() && new.name == live.name))
        };
        let (gone, mut live): (Vec<Live>, Vec<Live>) = self.live.iter().cloned().partition(is_gone);
        live.extend(new);
        let mut replaced = self.replaced.clone();
        replaced.extend(gone.into_iter().map(|item| item.text));
        replaced.retain(|text| live.iter().all(|item| item.text != *text));
        Self { live, replaced }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(definitions: &mut Definitions, id: Option<&str>, code: &str) {
        let of = NotebookCell { id: id.map(str::to_owned), execution_count: None };
        *definitions = definitions.with(&Cell::new(code), &of);
    }

    fn replaced(definitions: &Definitions) -> Vec<&str> {
        definitions.replaced.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_cell_replaces_what_it_had_defined() {
        let mut all = Definitions::default();
        run(
            &mut all,
            Some("a"),
            r"impl A { fn f() {} }
fn g() {}",
        );
        run(&mut all, Some("b"), "impl A { fn h() {} }");
        assert_eq!(replaced(&all), [""; 0]);
        run(&mut all, Some("a"), "impl A { fn f(&self) {} }");
        assert_eq!(replaced(&all), ["fn g ( ) { }", "impl A { fn f ( ) { } }"]);
        run(
            &mut all,
            Some("a"),
            r"impl A { fn f() {} }
fn g() {}",
        );
        assert_eq!(replaced(&all), ["impl A { fn f ( & self ) { } }"]);
        run(&mut all, Some("c"), "fn g() {}");
        run(&mut all, Some("a"), "1");
        assert_eq!(replaced(&all), ["impl A { fn f ( & self ) { } }", "impl A { fn f ( ) { } }"]);
    }

    #[test]
    fn without_a_cell_it_is_the_name_that_counts() {
        let mut all = Definitions::default();
        run(&mut all, None, "impl std::fmt::Display for A { }");
        run(&mut all, None, "impl A { }");
        run(&mut all, None, "impl Display for A { /* another */ }");
        run(&mut all, None, "impl From<u8> for A { }");
        run(&mut all, None, "impl From<u16> for A { }");
        assert_eq!(replaced(&all), ["impl std :: fmt :: Display for A { }"]);
    }
}
