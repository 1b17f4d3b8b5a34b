//! The trait that shows the value of a cell is left out of cells that have none to show: compiling it takes a fifteenth of
//! what a small cell does.

use crate::generated_cell::GeneratedCell;
use crate::names::{SHOW_METHOD, SHOW_TRAIT};
use crate::tokens::{item_range, whole_lines};
use ra_ap_syntax::ast::{self, AstNode, HasName};
use std::ops::Range;

/// Its lines, when it stands aside or nothing else mentions it.
pub fn unused(cell: &GeneratedCell, stands_aside: bool) -> Vec<Range<usize>> {
    let is_its_own = |item: &&ast::Item| match item {
        ast::Item::Trait(item) => item.name().is_some_and(|name| name.text() == SHOW_TRAIT),
        ast::Item::Impl(item) => item.trait_().is_some_and(|of| of.syntax().text() == SHOW_TRAIT),
        _ => false,
    };
    let source = cell.source();
    let items = cell.items().iter().filter(is_its_own);
    let lines = items.map(|item| whole_lines(source, item_range(item.syntax())));
    let Some(lines) = lines.collect::<Option<Vec<_>>>() else { return Vec::new() };
    let mentions = |text: &str| text.matches(SHOW_TRAIT).count() + text.matches(SHOW_METHOD).count();
    let in_itself: usize = lines.iter().map(|lines| mentions(&source[lines.clone()])).sum();
    if stands_aside || mentions(source) == in_itself { lines } else { Vec::new() }
}
