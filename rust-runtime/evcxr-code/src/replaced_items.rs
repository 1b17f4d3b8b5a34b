//! Items that evcxr still has although the notebook has them no more.
//!
//! evcxr knows an item by its name, and one without a name, such as an implementation, not at all: it keeps the old one beside
//! the new one. What the host says to be replaced is left out, and so is what is there twice.

use crate::definitions::Definitions;
use crate::generated_cell::GeneratedCell;
use crate::layouts::words;
use crate::tokens::{item_range, whole_lines};
use ra_ap_syntax::ast::{self, AstNode};
use std::collections::BTreeSet;
use std::ops::Range;

/// The items that are part of the notebook, and the lines of the others.
pub fn leave_out(cell: &GeneratedCell, definitions: &Definitions) -> (Vec<ast::Item>, Vec<Range<usize>>) {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    // The last one counts.
    for item in cell.items().iter().rev() {
        let words = words(item.syntax()).join(" ");
        let is_twice = matches!(item, ast::Item::Impl(_)) && seen.contains(&words);
        let lines = whole_lines(cell.source(), item_range(item.syntax()));
        match lines {
            Some(lines) if is_twice || definitions.replaced.contains(&words) => left_out.push(lines),
            _ => {
                seen.insert(words);
                kept.push(item.clone());
            }
        }
    }
    kept.reverse();
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Variables;
    use crate::fixtures::cell;
    use crate::layouts::item_words;

    fn rendered(items: &str, replaced: &[&str]) -> String {
        let replaced = replaced.iter().map(|text| item_words(text)).collect();
        let definitions = Definitions { replaced, ..Definitions::default() };
        GeneratedCell::parse(&cell(items, "1;\n")).unwrap().render(&definitions, Variables::Mentioned).text
    }

    #[test]
    fn what_was_replaced_is_left_out() {
        let items = r"fn old() {}
/// Words
impl A {
    fn a(&self) {}
}
impl A { fn b(&self) {} }
fn new() {}
";
        let text = rendered(
            items,
            &[
                r"/// Words
impl A { // more
 fn a(&self) {} }
",
                "fn old(){}",
                "fn new() { 1 }",
            ],
        );
        assert!(!text.contains("fn a(") && !text.contains("Words") && !text.contains("old"), "{text}");
        assert!(text.contains("fn b(") && text.contains("fn new"), "{text}");
    }

    #[test]
    fn an_implementation_is_there_once() {
        let text = rendered(
            r"impl A {}
impl B for A {
}
impl A { }
fn f() {}
",
            &[],
        );
        assert_eq!(text.matches("impl A {").count(), 1, "{text}");
        assert!(text.contains("impl B for A"));
    }
}
