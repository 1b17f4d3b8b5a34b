//! Which items are part of the notebook. A cell that runs again replaces all that it had defined before, and an item takes the
//! place of another cell's of the same name; evcxr knows names only.

use crate::build::build_orders::BuildOrders;
use crate::cell::Cell;
use crate::cell::statements::Statement;
use ferrobook_evcxr_code::{Implementation, Import, item_words, layout_words};
use ferrobook_protocol::NotebookCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub struct Replacements {
    /// In which the cargo shim reads them.
    orders: BuildOrders,
    known: Definitions,
    /// With what the cell that is being executed defines.
    next: Definitions,
    /// What that is.
    new: Vec<Arc<Live>>,
}

#[derive(Clone, Default)]
struct Definitions {
    live: Vec<Arc<Live>>,
    /// The words of items that are part of the notebook no more.
    replaced: BTreeSet<String>,
}

struct Live {
    /// Its words.
    text: String,
    name: Option<String>,
    /// Of the implementation of a trait.
    implements: Option<Implementation>,
    /// Those with associated types, in a module and in a function too.
    associations: Vec<Implementation>,
    is_glob: bool,
    /// The words that the layout of a type can depend on.
    layout: Vec<String>,
    /// The frontend's id of the cell.
    cell: Option<String>,
}

impl Replacements {
    pub fn new(orders: BuildOrders) -> Self {
        Self { orders, known: Definitions::default(), next: Definitions::default(), new: Vec::new() }
    }

    /// Before the cell is compiled.
    pub fn begin(&mut self, cell: &Cell, of: &NotebookCell) {
        self.new = Live::all(cell, of.id.as_deref());
        self.next = self.known.with(&self.new, of.id.as_deref());
        self.order(&self.next);
    }

    /// `defined` when evcxr has taken the cell's items over. Otherwise the earlier ones are still there.
    pub fn end(&mut self, defined: bool) {
        self.new.clear();
        let next = std::mem::take(&mut self.next);
        if defined {
            self.known = next;
        } else {
            self.order(&self.known);
        }
    }

    /// evcxr has forgotten all items, before it sees those of the cell.
    pub fn clear(&mut self) {
        self.known = Definitions::default();
        let cell = self.new.first().and_then(|item| item.cell.clone());
        self.next = self.known.with(&self.new, cell.as_deref());
        self.order(&self.next);
    }

    /// Has a cell looked at as if it were executed.
    pub fn check<T>(&self, cell: &Cell, id: Option<&str>, check: impl FnOnce() -> T) -> T {
        self.order(&self.known.with(&Live::all(cell, id), id));
        let checked = check();
        self.order(&self.known);
        checked
    }

    /// What the associated types are before the cell that is being executed, and with it.
    pub fn associations(&self) -> [Associations; 2] {
        [self.known.associations(), self.next.associations()]
    }

    fn order(&self, definitions: &Definitions) {
        self.orders.change(|order| order.replaced.clone_from(&definitions.replaced));
    }
}

/// What implementations say about types, by their family ([`Implementation::family`]), and the globs.
#[derive(Default)]
pub struct Associations {
    pub types: BTreeMap<String, BTreeSet<Vec<String>>>,
    pub globs: BTreeSet<String>,
}

impl Live {
    fn all(cell: &Cell, id: Option<&str>) -> Vec<Arc<Self>> {
        cell.statements
            .iter()
            .filter(|statement| statement.is_item)
            .flat_map(|item| Self::of(item, id))
            .map(Arc::new)
            .collect()
    }

    /// An item, or each name that a `use` imports.
    fn of(item: &Statement, id: Option<&str>) -> Vec<Self> {
        let imported = |import: &Import| Self {
            is_glob: import.is_glob(),
            layout: import.words.split(' ').map(str::to_owned).collect(),
            text: import.words.clone(),
            name: import.name.clone(),
            implements: None,
            associations: Vec::new(),
            cell: id.map(str::to_owned),
        };
        if !item.imports.is_empty() {
            return item.imports.iter().map(imported).collect();
        }
        vec![Self {
            text: item_words(&item.text),
            implements: item.implements.first().filter(|_| item.name.is_none()).cloned(),
            name: item.name.clone(),
            associations: item.implements.iter().filter(|item| !item.types.is_empty()).cloned().collect(),
            is_glob: false,
            layout: layout_words(&item.text),
            cell: id.map(str::to_owned),
        }]
    }

    /// Whether there can be only one of the two.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.implements, &other.implements) {
            (Some(one), Some(other)) => one.is_same(other),
            _ => self.name.is_some() && self.name == other.name,
        }
    }
}

impl Definitions {
    /// With what a cell defines when it is executed.
    fn with(&self, new: &[Arc<Live>], id: Option<&str>) -> Self {
        let is_gone = |live: &Live| match id.is_some() && live.cell.as_deref() == id {
            true => true,
            false => new.iter().any(|new| match new.text == live.text {
                // The other cell has it as well.
                true => new.cell == live.cell,
                false => new.is_same(live),
            }),
        };
        let (gone, mut live): (Vec<Arc<Live>>, Vec<Arc<Live>>) =
            self.live.iter().cloned().partition(|live| is_gone(live));
        live.extend_from_slice(new);
        let mut replaced = self.replaced.clone();
        replaced.extend(gone.iter().map(|item| item.text.clone()));
        replaced.retain(|text| live.iter().all(|item| item.text != *text));
        Self { live, replaced }
    }

    fn associations(&self) -> Associations {
        let mut all = Associations {
            globs: self.live.iter().filter(|item| item.is_glob).map(|item| item.text.clone()).collect(),
            ..Associations::default()
        };
        let mut named: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
        for item in &self.live {
            if let Some(name) = &item.name {
                named.entry(name).or_default().push(&item.layout);
            }
        }
        for item in self.live.iter().flat_map(|live| &live.associations) {
            let mut words = item.association();
            words.extend(layout(&item.types, &named));
            all.types.entry(item.family.clone()).or_default().insert(words);
        }
        all
    }
}

/// The definitions that these words lead to.
fn layout(words: &[String], named: &BTreeMap<&str, Vec<&[String]>>) -> Vec<String> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut layout: BTreeSet<&[String]> = BTreeSet::new();
    let mut pending: Vec<&str> = words.iter().map(String::as_str).collect();
    while let Some(word) = pending.pop() {
        if seen.insert(word) {
            for words in named.get(word).into_iter().flatten() {
                layout.insert(words);
                pending.extend(words.iter().map(String::as_str));
            }
        }
    }
    layout.into_iter().flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(definitions: &mut Definitions, id: Option<&str>, code: &str) {
        *definitions = definitions.with(&Live::all(&Cell::new(code), id), id);
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
