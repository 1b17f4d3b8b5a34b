//! How often the items with a `static` in them were defined. To execute such an item again makes a new static, as it
//! does in every other language; cells that only use it must find the one that is there.

use crate::build::build_orders::BuildOrders;
use crate::cell::Cell;
use std::collections::BTreeMap;

pub struct Generations {
    /// In which the cargo shim reads them.
    orders: BuildOrders,
    /// 0 for an item that was defined once.
    known: BTreeMap<String, u32>,
    /// With what the cell that is being executed defines.
    next: BTreeMap<String, u32>,
}

impl Generations {
    pub fn new(orders: BuildOrders) -> Self {
        Self { orders, known: BTreeMap::new(), next: BTreeMap::new() }
    }

    /// Before the cell is compiled.
    pub fn begin(&mut self, cell: &Cell) {
        self.next = self.known.clone();
        for name in names(cell) {
            self.next.entry(name.to_owned()).and_modify(|generation| *generation += 1).or_insert(0);
        }
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

    fn order(&self, generations: &BTreeMap<String, u32>) {
        self.orders.change(|order| order.generations.clone_from(generations));
    }
}

fn names(cell: &Cell) -> impl Iterator<Item = &str> {
    let with_static = |text: &str| ["static", "thread_local"].iter().any(|word| text.contains(word));
    let items = cell.statements.iter().filter(move |statement| statement.is_item && with_static(&statement.text));
    items.filter_map(|item| item.name.as_deref())
}
