//! How often items were defined that live on.
//!
//! To execute an item with a `static` in it again makes a new static, as it does in every other language; cells that only use it
//! must find the one that is there. And when the associated types of an implementation change, types that are made of them,
//! such as a `Peekable<Numbers>`, are others from then on.

use crate::build::build_orders::BuildOrders;
use crate::cell::Cell;
use ferrobook_evcxr_code::Implementation;
use std::collections::BTreeMap;

pub struct Generations {
    /// In which the cargo shim reads them.
    orders: BuildOrders,
    /// 0 for an item that was defined once.
    known: BTreeMap<String, u32>,
    /// With what the cell that is being executed defines.
    next: BTreeMap<String, u32>,
    /// The words of the associated types, by the name of the implementation.
    types: BTreeMap<String, Vec<String>>,
}

impl Generations {
    pub fn new(orders: BuildOrders) -> Self {
        Self { orders, known: BTreeMap::new(), next: BTreeMap::new(), types: BTreeMap::new() }
    }

    /// Before the cell is compiled.
    pub fn begin(&mut self, cell: &Cell) {
        self.next = self.known.clone();
        for name in names(cell) {
            self.next.entry(name.to_owned()).and_modify(|generation| *generation += 1).or_insert(0);
        }
        for Implementation { name, types } in implementations(cell) {
            let generation = self.next.entry(name.clone()).or_insert(0);
            *generation += u32::from(self.types.get(name).is_some_and(|known| known != types));
        }
        self.order(&self.next);
    }

    /// `defined` when evcxr has taken the cell's items over. Otherwise the earlier ones are still there.
    pub fn end(&mut self, cell: &Cell, defined: bool) {
        let next = std::mem::take(&mut self.next);
        if defined {
            self.known = next;
            let types = implementations(cell).map(|item| (item.name.clone(), item.types.clone()));
            self.types.extend(types);
        } else {
            self.order(&self.known);
        }
    }

    fn order(&self, generations: &BTreeMap<String, u32>) {
        self.orders.change(|order| order.generations.clone_from(generations));
    }
}

/// Those with associated types.
fn implementations(cell: &Cell) -> impl Iterator<Item = &Implementation> {
    let all = cell.statements.iter().filter_map(|statement| statement.implements.as_ref());
    all.filter(|item| !item.types.is_empty())
}

fn names(cell: &Cell) -> impl Iterator<Item = &str> {
    let with_static = |text: &str| ["static", "thread_local"].iter().any(|word| text.contains(word));
    let items = cell.statements.iter().filter(move |statement| statement.is_item && with_static(&statement.text));
    items.filter_map(|item| item.name.as_deref())
}
