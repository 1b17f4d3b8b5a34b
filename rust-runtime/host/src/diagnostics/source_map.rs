//! From lines of the `lib.rs` that evcxr generates back to lines of the user's cells.
//!
//! evcxr copies each statement verbatim and begins it on a line of its own, in an order of its own for items. What the
//! cargo shim inserts for the compiler is marked.

use crate::cell::Cell;
use crate::cell::statements::Statement;
use crate::program::Items;
use ferrobook_evcxr_code::inserted::Inserted;
use std::collections::HashSet;

/// A place in a cell, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// One compile: what was generated, and from which cell.
#[derive(Clone, Debug)]
pub struct SourceMap {
    regions: Vec<Region>,
    /// Without what was inserted.
    lib_rs: String,
    inserted: Inserted,
}

#[derive(Clone, Debug)]
struct Region {
    /// First line in lib.rs, from 1.
    first: usize,
    lines: usize,
    line: usize,
    column: usize,
}

impl SourceMap {
    pub fn new(lib_rs: &str, cell: &Cell) -> Self {
        let (lib_rs, inserted) = Inserted::remove(lib_rs);
        let lines = line_starts(&lib_rs);
        let mut regions: Vec<Region> = Vec::new();
        let mut taken = HashSet::new();
        let mut next = 0;
        for statement in &cell.statements {
            // evcxr keeps the order of all but items.
            let mut starts =
                occurrences(&lib_rs, next, &statement.text).chain(occurrences(&lib_rs, 0, &statement.text));
            let found = starts.find(|start| taken.insert(*start));
            if let Some(start) = found {
                next = start + statement.text.len();
                regions.push(region(line_of(&lines, start), statement));
            }
        }
        Self { regions, lib_rs, inserted }
    }

    pub fn to_cell(&self, line: usize, column: usize) -> Option<Place> {
        let column = self.inserted.column_without(line, column);
        self.regions.iter().find_map(|region| region.place(line, column))
    }

    /// The statement of the cell that generated code from line `first` to line `last` is wrapped around.
    pub fn wrapped(&self, first: usize, last: usize) -> Option<(Place, Place)> {
        let inside = |region: &&Region| region.first >= first && region.first + region.lines - 1 <= last;
        let mut regions = self.regions.iter().filter(inside);
        let region = regions.next()?;
        if regions.next().is_some() {
            return None;
        }
        let lines: Vec<&str> = self.lib_rs.lines().skip(region.first - 1).take(region.lines).collect();
        let code = lines.iter().rposition(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))?;
        let start = region.place(region.first, 1)?;
        let end = region.place(region.first + code, lines[code].trim_end().chars().count() + 1)?;
        Some((start, end))
    }

    /// Finds code of earlier cells, which is there verbatim, too.
    pub fn to_earlier<'a>(&self, items: &'a Items, line: usize, column: usize) -> Option<(&'a Statement, Place)> {
        let column = self.inserted.column_without(line, column);
        let lines = line_starts(&self.lib_rs);
        items.iter().rev().find_map(|item| {
            let starts = occurrences(&self.lib_rs, 0, &item.text);
            let mut regions = starts.map(|start| region(line_of(&lines, start), item));
            regions.find_map(|region| region.place(line, column)).map(|place| (item, place))
        })
    }
}

impl Region {
    fn place(&self, line: usize, column: usize) -> Option<Place> {
        let offset = line.checked_sub(self.first).filter(|offset| *offset < self.lines)?;
        let shift = if offset == 0 { self.column } else { 0 };
        Some(Place { line: self.line + offset, column: column + shift })
    }
}

fn region(first: usize, statement: &Statement) -> Region {
    let lines = statement.text.trim_end_matches('\n').matches('\n').count() + 1;
    Region { first, lines, line: statement.line, column: statement.column }
}

/// The bytes of `source`, from `from` on, at which `text` stands from the beginning of a line to the end of one.
fn occurrences<'a>(source: &'a str, from: usize, text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let whole_lines = move |start: &usize| {
        let end = start + text.len();
        (*start == 0 || source.as_bytes()[start - 1] == b'\n')
            && matches!(source.as_bytes().get(end), Some(b'\n') | None)
    };
    let rest = source.get(from..).unwrap_or_default();
    rest.match_indices(text).map(move |(start, _)| from + start).filter(whole_lines)
}

/// The bytes at which lines begin.
fn line_starts(source: &str) -> Vec<usize> {
    source.split_inclusive('\n').scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect()
}

/// The line (from 1) of a byte.
fn line_of(line_starts: &[usize], byte: usize) -> usize {
    line_starts.partition_point(|start| *start <= byte).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrobook_evcxr_code::inserted::{INSERTED, INSERTED_END};
    use ferrobook_protocol::NotebookCell;

    #[test]
    fn lines_of_the_cell_and_of_earlier_cells() {
        let mut items = Items::default();
        items.add(
            &Cell::new(
                r"

fn old() {
    panic!()
}",
            ),
            &NotebookCell::default(),
        );
        let cell = Cell::new(
            r"let a = 1; let b =
  2;
a;
a;
b",
        );
        let lib_rs =
            "x\nfn old() {\n    panic!()\n}\nlet a = 1; \nlet b =\n  2;\n\na;\n\na;\n\n(\nb\n).evcxr_display();\n";
        let map = SourceMap::new(lib_rs, &cell);
        assert_eq!(map.to_cell(5, 5), Some(Place { line: 1, column: 5 }));
        assert_eq!(map.to_cell(6, 5), Some(Place { line: 1, column: 16 }));
        assert_eq!(map.to_cell(7, 3), Some(Place { line: 2, column: 3 }));
        assert_eq!(map.to_cell(9, 1).map(|place| place.line), Some(3));
        assert_eq!(map.to_cell(11, 1).map(|place| place.line), Some(4));
        assert_eq!(map.to_cell(14, 1).map(|place| place.line), Some(5));
        assert_eq!(map.to_cell(1, 1), None);
        assert_eq!(map.wrapped(13, 15), Some((Place { line: 5, column: 1 }, Place { line: 5, column: 2 })));
        assert_eq!(map.wrapped(1, 15), None);
        let (_, place) = map.to_earlier(&items, 3, 5).unwrap();
        assert_eq!(place, Place { line: 4, column: 5 });
    }

    #[test]
    fn columns_beside_what_was_inserted() {
        let cell = Cell::new("mod é { static A: u8 = 1; static B: u8 = 2; }");
        let name = format!("{INSERTED}#[name] {INSERTED_END}");
        let lib_rs = format!("x\nmod é {{ {name}static A: u8 = 1; {name}static B: u8 = 2; }}\n");
        let map = SourceMap::new(&lib_rs, &cell);
        let line = lib_rs.lines().nth(1).unwrap();
        for word in ["mod", "static A", "u8 = 1", "static B", "2;"] {
            let column = line[..line.find(word).unwrap()].chars().count() + 1;
            let expected = cell.source[..cell.source.find(word).unwrap()].chars().count() + 1;
            assert_eq!(map.to_cell(2, column), Some(Place { line: 1, column: expected }), "{word}");
        }
        assert_eq!(map.to_cell(2, 12).map(|place| place.column), Some(9));
    }
}
