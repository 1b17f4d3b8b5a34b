//! The items that cells have defined.

use crate::cell::Cell;
use crate::cell::statements::Statement;
use ferrobook_protocol::NotebookCell;
use std::collections::VecDeque;

#[derive(Default)]
pub struct Items {
    known: VecDeque<Item>,
    /// How many definitions there were.
    definitions: u64,
}

struct Item {
    statement: Statement,
    /// The cell that has defined it in this way first.
    of: NotebookCell,
    /// The number of that definition.
    number: u64,
}

/// An item that another definition has taken the place of.
pub struct Change<'a> {
    pub name: &'a str,
    /// The cell with the definition that counts now.
    pub by: &'a NotebookCell,
    number: u64,
}

impl Items {
    const MOST: usize = 2000;

    /// The cell's items are part of evcxr's state from now on.
    pub fn add(&mut self, cell: &Cell, of: &NotebookCell) {
        for statement in cell.statements.iter().filter(|statement| statement.is_item) {
            self.definitions += 1;
            let mut item = Item { statement: statement.clone(), of: of.clone(), number: self.definitions };
            if let Some(newest) = self.newest(statement.name.as_deref())
                && newest.statement.text.trim() == statement.text.trim()
            {
                (item.of, item.number) = (newest.of.clone(), newest.number);
            }
            self.known.retain(|known| known.statement.text != statement.text);
            self.known.push_back(item);
        }
        while self.known.len() > Self::MOST {
            self.known.pop_front();
        }
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Statement> + Clone {
        self.known.iter().map(|item| &item.statement)
    }

    /// The cell with this statement.
    pub fn cell_of(&self, text: &str) -> Option<&NotebookCell> {
        self.known.iter().rev().find(|item| item.statement.text == text).map(|item| &item.of)
    }

    fn newest(&self, name: Option<&str>) -> Option<&Item> {
        name.and_then(|name| self.known.iter().rev().find(|item| item.statement.name.as_deref() == Some(name)))
    }

    /// The last change among the definitions that a type with this name is made of.
    pub fn last_change(&self, of_type: &str) -> Option<Change<'_>> {
        let mut names: Vec<&str> = Vec::new();
        let mut pending: Vec<&str> = words(of_type).collect();
        while let Some(name) = pending.pop() {
            if !names.contains(&name)
                && let Some(item) = self.newest(Some(name))
            {
                names.push(name);
                pending.extend(words(&item.statement.text));
            }
        }
        let has = |item: &Item, name: &str| item.statement.name.as_deref() == Some(name);
        let changed =
            names.into_iter().filter(|name| self.known.iter().filter(|item| has(item, name)).nth(1).is_some());
        let changes = changed.filter_map(|name| {
            let Item { of, number, statement } = self.newest(Some(name))?;
            Some(Change { name: statement.name.as_deref()?, by: of, number: *number })
        });
        changes.max_by_key(|change| change.number)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !(char.is_alphanumeric() || char == '_')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_that_a_type_was_lost_by() {
        let mut items = Items::default();
        let mut count = 0;
        let mut run = |items: &mut Items, code: &str| {
            count += 1;
            items.add(&Cell::new(code), &NotebookCell { id: None, execution_count: Some(count) });
        };
        run(&mut items, "struct Outer(Inner);");
        run(
            &mut items,
            r"struct Inner(u8);
struct Other;",
        );
        assert!(items.last_change("Vec<Outer>").is_none());
        run(
            &mut items,
            r"struct Inner(u16);
struct Other(u8);",
        );
        run(&mut items, "struct Inner(u16);");
        run(&mut items, "struct Outer(Inner);");
        let change = items.last_change("Vec<Outer>").unwrap();
        assert_eq!((change.name, change.by.execution_count), ("Inner", Some(3)));
        assert!(items.last_change("u8").is_none());
    }
}
