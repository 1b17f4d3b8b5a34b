//! How often items were defined that live on.
//!
//! To execute an item with a `static` in it again makes a new static, as it does in every other language; cells that only use it
//! must find the one that is there. And when the associated types of an implementation change, types that are made of them,
//! such as a `Peekable<Numbers>`, are others from then on; to add an implementation changes nothing. The same holds for names
//! that a glob brings in.

use crate::build::build_orders::BuildOrders;
use crate::cell::Cell;
use crate::program::replacements::Associations;
use ferrobook_evcxr_code::GLOBS;
use std::collections::BTreeMap;

pub struct Generations {
    /// In which the cargo shim reads them.
    orders: BuildOrders,
    /// 0 for an item that was defined once.
    known: BTreeMap<String, u32>,
    /// With what the cell that is being executed defines.
    next: BTreeMap<String, u32>,
    /// What stands behind `:dep`, by the name of the crate.
    dependencies: BTreeMap<String, String>,
}

impl Generations {
    pub fn new(orders: BuildOrders) -> Self {
        Self { orders, known: BTreeMap::new(), next: BTreeMap::new(), dependencies: BTreeMap::new() }
    }

    /// Before the cell is compiled. `associations` are those before it, and with it.
    pub fn begin(&mut self, cell: &Cell, [before, with]: &[Associations; 2]) {
        self.next = self.known.clone();
        for name in names(cell) {
            self.next.entry(name.to_owned()).and_modify(|generation| *generation += 1).or_insert(0);
        }
        for (family, types) in &before.types {
            if with.types.get(family).is_none_or(|left| !types.is_subset(left)) {
                *self.next.entry(family.clone()).or_insert(0) += 1;
            }
        }
        let is_another =
            |(name, text): (String, String)| self.dependencies.get(&name).is_some_and(|known| *known != text);
        if !before.globs.is_subset(&with.globs) || dependencies(cell).any(is_another) {
            *self.next.entry(GLOBS.to_owned()).or_insert(0) += 1;
        }
        self.order(&self.next);
    }

    /// `defined` when evcxr has taken the cell's items over. Otherwise the earlier ones are still there.
    pub fn end(&mut self, cell: &Cell, defined: bool) {
        let next = std::mem::take(&mut self.next);
        if defined {
            self.known = next;
            self.dependencies.extend(dependencies(cell));
        } else {
            self.order(&self.known);
        }
    }

    fn order(&self, generations: &BTreeMap<String, u32>) {
        self.orders.change(|order| order.generations.clone_from(generations));
    }
}

fn dependencies(cell: &Cell) -> impl Iterator<Item = (String, String)> {
    cell.dependencies().map(|text| {
        let name = text.split(['=', ' ']).next().unwrap_or_default();
        (name.to_owned(), text.trim().to_owned())
    })
}

fn names(cell: &Cell) -> impl Iterator<Item = &str> {
    let with_static = |text: &str| ["static", "thread_local"].iter().any(|word| text.contains(word));
    let items = cell.statements.iter().filter(move |statement| statement.is_item && with_static(&statement.text));
    items.filter_map(|item| item.name.as_deref())
}
